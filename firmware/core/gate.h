/* A whole gate: frames in, frames out, a millisecond at a time. The hal moves bytes, pins and time; everything else is here. */
#ifndef EARLID_GATE_H
#define EARLID_GATE_H

#include "core/codec.h"
#include "core/guard.h"
#include "core/leds.h"
#include "core/servo.h"

enum { NAK_QUEUE = 4 };

/* Facts of the board that go into `identity`. */
typedef struct {
    uint8_t product;
    uint8_t reset_reason;
    uint8_t brown_out;
    bool bootloader;
} board_facts_t;

typedef struct {
    board_facts_t facts;
    guard_t guard;
    store_t store;
    servo_t servo;

    uint8_t inputs;       /* bit 0–3 debounced values, bit 4–7 declared */
    uint8_t input_ms[4];  /* since the raw input differs */

    bool want_identity, want_state;
    uint8_t want_value; /* setting id, 0 none */
    msg_nak_t naks[NAK_QUEUE];
    uint8_t nak_count;
    uint32_t next_event; /* sequence of the next event to send */
    uint16_t state_ms;   /* since the last state */
    uint16_t event_ms;   /* since the events were last sent from the oldest */
    struct {
        uint8_t phase, flags, inputs, reason, fault, identity;
        uint32_t newest;
    } shown; /* what was last reported, to see a change */
} gate_t;

void gate_start(gate_t *gate, history_t *history, const board_facts_t *facts);
void gate_tick(gate_t *gate, const pins_t *pins);

/* The body of a frame that is a host message of this version with a right CRC, else 0. Touches nothing of the gate. */
const uint8_t *gate_body(const frame_t *frame);

/* A frame that is not a mute, with what gate_body() gave. `verified`: it carries the right authenticator. `overtaken`: a mute
 * came after it. True when the frame must stay where it is as long as gate_keeps_frame(). */
bool gate_receive(gate_t *gate, const frame_t *frame, const uint8_t *body, bool verified, bool overtaken);
bool gate_keeps_frame(const gate_t *gate);

/* A frame that comes while another one is being verified: it is refused. */
void gate_busy(gate_t *gate, const frame_t *frame, const uint8_t *body);

/* A frame with the id of a mute ended; it mutes, also when it could not be read (mute is 0). */
void gate_mute(gate_t *gate, const msg_mute_t *mute);

/* The conditions of `state`, and the facts of `identity`, as their bits. */
uint8_t gate_flags(const gate_t *gate);
uint8_t gate_facts(const gate_t *gate);

/* The next message to send: its id, and its body and length; 0 when there is none. */
uint8_t gate_next(gate_t *gate, uint8_t *body, uint8_t *length);

#endif
