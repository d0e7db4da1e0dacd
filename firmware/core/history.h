/* What survives every reset but power loss: uptime, the events not yet stored, a latched fault, the end of pairing.
 * The hal keeps a history_t in memory that the start-up code does not clear. */
#ifndef EARLID_HISTORY_H
#define EARLID_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "generated/protocol.h"

typedef struct {
    uint8_t boot[3];
    ms40_t uptime;
    uint8_t kind;
    uint8_t reason;
    uint8_t detail[3];
    uint16_t crc;
} record_t;

typedef struct {
    uint32_t low;
    uint8_t high;
    uint8_t check;
} uptime_copy_t;

typedef struct {
    uptime_copy_t uptime[2]; /* written in turn, so that a reset spoils at most one */
    record_t ring[LIMIT_EVENT_RING];
    struct {
        uint32_t newest; /* sequence of the newest event */
        uint8_t held;    /* events in the ring, up to newest */
        uint8_t lost;    /* overwritten before they were stored */
        uint8_t fault;
        uint32_t pairing_end; /* uptime in ms, 32 bits of it; 0 none */
    } head;
    uint16_t crc; /* over head */
} history_t;

/* Checks what a reset left behind; returns the uptime to go on from. Clears everything, and says so, when it is not valid. */
ms40_t history_restore(history_t *history, bool *lost);

void history_tick(history_t *history, ms40_t uptime);
void history_record(history_t *history, uint32_t boot, ms40_t uptime, uint8_t kind, uint8_t reason, uint32_t detail);
void history_fault(history_t *history, uint8_t fault);
void history_pairing(history_t *history, uint32_t end);

/* Forgets events up to this sequence. */
void history_stored(history_t *history, uint32_t sequence);

/* Writes the body of `event` for the held event with this sequence; the caller keeps sequence within the held ones. */
void history_event(const history_t *history, uint32_t sequence, uint8_t *body);

/* Sequence of the oldest held event; newest + 1 when none is held. */
uint32_t history_oldest(const history_t *history);

#endif
