/* Pin modes as Firmata set them, and the reports that follow from them. */
#ifndef EARLID_FIRMATA_REPORTS_H
#define EARLID_FIRMATA_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

/* Every free pin becomes an input and nothing is reported (Firmata's system reset). */
void reports_start(void);

/* The same with the next millisecond: it takes longer than a byte on the wire. */
void reports_reset(void);

/* Such a reset waits. */
bool reports_resetting(void);

void reports_mode(uint8_t pin, uint8_t mode);
uint8_t pin_mode_of(uint8_t pin);
bool pin_is_output(uint8_t pin);

void reports_analog(uint8_t channel, bool wanted);
void reports_digital(uint8_t port, bool wanted);

/* Once a ms. */
void reports_tick(void);

/* Sends what is due and fits. */
void reports_send(void);

#endif
