/* What the LEDs show (docs/protocol.md, "LEDs"). */
#ifndef EARLID_LEDS_H
#define EARLID_LEDS_H

#include "core/guard.h"

typedef struct {
    uint8_t red, green; /* 0 dark … 255 */
} leds_t;

leds_t leds_show(const guard_t *guard);

#endif
