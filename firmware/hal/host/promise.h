/* What a gate has promised (rules S1 to S7), worked out from what was done to it. Whatever breaks it ends the process. */
#ifndef EARLID_PROMISE_H
#define EARLID_PROMISE_H

#include "hal/host/orders.h"

typedef struct {
    uint64_t ms;        /* of a clock that begins at 1 */
    parser_t parser;    /* of what comes over the wire */
    orders_t orders;
    uint32_t sequence;  /* the gate's last accepted one before the byte that came */
    uint32_t newest;    /* the gate's newest event at the last look */
    uint32_t mute_sequence; /* of the last mute that could be read, */
    uint64_t mute_at;       /* and when it came; 0: never */
    uint32_t must_see;  /* events up to this one void every allow that has not seen them */
    uint64_t lease_until; /* the gate may be live until then by an allow, */
    uint64_t press_until; /* or by a press */
    uint64_t allow_at;    /* the last allow that permits, or not, a press: when it came, */
    uint32_t button_ms;   /* what it gives, */
    uint64_t button_until; /* and until when */
    bool allowed;         /* there was one in this boot */
    bool locked;          /* it was, at the last look, */
    bool lock_shown;      /* and said so */
    bool may_pair;        /* powered up with its button down, and not locked */
    bool keyed;
    uint8_t key[LIMIT_KEY_BYTES];
    struct {
        bool down, pending; /* pending: it began and is not settled */
        bool permitted, overruled;
        uint64_t down_at, up_at;
        uint64_t length; /* of the last one that was settled */
    } press;
} promise_t;

/* Of a gate that has run for a while. */
void promise_begin(promise_t *promise, const simulated_t *gate);

/* What a gate goes by as its id. */
const uint8_t *promise_gate_id(const simulated_t *gate);

/* The gate has just begun after a reset with this reason. */
void promise_started(promise_t *promise, const simulated_t *gate, uint8_t reset_reason);

/* A ms has passed. */
void promise_tick(promise_t *promise, const simulated_t *gate);

/* A byte is about to come over the wire. */
void promise_coming(promise_t *promise, const simulated_t *gate);

/* The gate has just taken this byte from the wire. */
void promise_received(promise_t *promise, const simulated_t *gate, uint8_t byte);

/* The button has just moved. */
void promise_button(promise_t *promise, const simulated_t *gate, bool down);

/* The gate sends this frame. */
void promise_sent(const promise_t *promise, const simulated_t *gate, const uint8_t *frame, uint8_t length);

#endif
