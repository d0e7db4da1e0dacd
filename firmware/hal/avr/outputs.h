/* The guard's outputs: actuator, LEDs. */
#ifndef EARLID_OUTPUTS_H
#define EARLID_OUTPUTS_H

#include "core/gate.h"

void outputs_start(void);

/* Makes the actuator follow the guard; called after everything that may have changed its command. */
void outputs_actuator(const gate_t *gate);

/* De-energises a relay before anything is written down about it; a servo goes by outputs_actuator(). */
void outputs_cut(void);
void outputs_leds(leds_t leds);

#endif
