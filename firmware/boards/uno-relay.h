/* Uno or Nano with a relay: what is wired where (docs/protocol.md has the table). */
#ifndef EARLID_BOARD_H
#define EARLID_BOARD_H

#include "boards/uno.h"

#define BOARD_NAME "uno-relay"
#define BOARD_PRODUCT PRODUCT_UNO_RELAY

#define BOARD_GUARD_PINS UNO_GUARD_PINS
/* Timer 1 is free: D9 and D10. */
#define BOARD_PWM_PINS (BIT_OF(9) | BIT_OF(10))

#endif
