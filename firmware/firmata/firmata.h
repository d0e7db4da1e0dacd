/* The Firmata front end on the free pins (docs/protocol.md, "Firmata on the free pins"). It reaches pins only through hal/hal.h. */
#ifndef EARLID_FIRMATA_H
#define EARLID_FIRMATA_H

#include <stdbool.h>
#include <stdint.h>

void firmata_start(void);

/* A byte of the stream that is not a guard frame's. May be called from an interrupt. */
void firmata_put(uint8_t byte);
bool firmata_waiting(void);

/* Once a ms, outside of interrupts. */
void firmata_tick(void);
void firmata_poll(void);

#endif
