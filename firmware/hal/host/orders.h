/* Who ordered what changed in a gate: beside its own clock and its button only what it may take from whoever sent it. */
#ifndef EARLID_ORDERS_H
#define EARLID_ORDERS_H

#include "hal/host/simulated.h"

enum { MOST_ORDERS = 256 };

typedef struct {
    /* What came since the reset and may have been taken. */
    struct {
        uint8_t id;
        uint8_t body[MSG_PAIR_BYTES];
    } came[MOST_ORDERS];
    uint16_t count;
    uint16_t company; /* frames since the reset that may have counted as a controller, less those that did */

    /* At the last look. */
    guard_t guard;
    uint8_t settings[SETTINGS_BYTES];
    uint32_t oldest; /* event that was kept */

    /* Before the byte that came, when the gate had nothing else to do. */
    bool was_idle;
    guard_t guard_before;
    store_t store_before;
    history_t history_before;
    uint8_t eeprom_before[EEPROM_SIZE_BYTES];
} orders_t;

/* Of a gate that has just begun, or has run for a while. */
void orders_begin(orders_t *orders, const simulated_t *gate);

/* A byte is about to come. */
void orders_coming(orders_t *orders, const simulated_t *gate);

/* That byte ended a frame that may be taken. `is_right`: from somebody who may order anything. */
void orders_came(orders_t *orders, const frame_t *frame, bool is_right);

/* It ended a mute that could be read. */
void orders_muted(orders_t *orders);

/* That byte changed something, although the gate had nothing else to do. */
bool orders_touched(const orders_t *orders, const simulated_t *gate);

/* What changed since the last look and nobody ordered, in a word; 0: nothing. `held`: the button has been down long enough to
 * lock. */
const char *orders_look(orders_t *orders, const simulated_t *gate, bool held);

#endif
