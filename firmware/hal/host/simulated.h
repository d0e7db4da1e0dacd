/* A gate with what is wired to it: a relay whose contact moves a little later, a sense that reads the contact back, a button,
 * and an EEPROM that takes its time. */
#ifndef EARLID_SIMULATED_H
#define EARLID_SIMULATED_H

#include "hal/host/host_gate.h"

typedef struct simulated {
    host_gate_t host;
    bool contact; /* closed: the speaker hears */
    bool sense_torn; /* the sense does not read it back */
    uint8_t contact_ms; /* since it differs from the actuator */
    uint8_t write_ms;   /* of the EEPROM write under way */
    uint32_t button_ms; /* left of the press that goes on */
    void (*on_contact)(struct simulated *, bool closed); /* 0: nobody wants to know */
    void (*on_stored)(struct simulated *, uint16_t address); /* a byte of the EEPROM; 0: nobody wants to know */
} simulated_t;

void simulated_init(simulated_t *gate);

/* The supply comes up, after a reset with this reason. */
void simulated_start(simulated_t *gate, uint8_t reset_reason);

/* The supply is cut: RAM is lost, the EEPROM write under way as well. */
void simulated_cut(simulated_t *gate);

void simulated_tick(simulated_t *gate);

/* The button goes down for so many ms. */
void simulated_press(simulated_t *gate, uint32_t ms);

/* What an owner does once, in the gate's own time: stores its id and that it has a sense, and pairs it at its button when there
 * is a key. Leaves it without supply. False when the gate did not take it. */
bool simulated_set_up(simulated_t *gate, const uint8_t *gate_id, const uint8_t *key);

#endif
