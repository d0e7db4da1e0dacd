/* The EEPROM: boot number and key, lock cell, settings. Nothing here waits: store_step() writes at most one byte a call. */
#ifndef EARLID_STORE_H
#define EARLID_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "generated/protocol.h"

/* In order of precedence. A sweep writes the key record that counts over all others. */
enum { STORE_LOCK, STORE_RECORD, STORE_SWEEP, STORE_SETTINGS };

typedef struct {
    uint8_t pending;  /* bit per job */
    uint8_t place;    /* byte that the running job is at */
    uint8_t job;      /* running job */
    bool verify;      /* the byte at place was written and wants reading back */
    uint8_t attempts; /* of that byte */
    uint8_t done;     /* bit per job finished since store_take_done() */
    bool failed;      /* the EEPROM did not keep a byte */
    uint8_t lock_value; /* wanted in both cells */
    bool lock_kept;     /* both cells were read back with it */
    uint8_t record;      /* index of the key record that counts */
    uint8_t pairing;     /* of that record; bit 0: there is a key; the others count the pairings */
    uint8_t sweep;       /* index of the record that is being written over */
    uint8_t next_pairing; /* of the record to be written */
    uint16_t next_crc;
    const uint8_t *next_key; /* 0: the key stays as it is */
    uint32_t boot;
    uint8_t generation;
    uint8_t slot; /* settings slot in force */
    bool settings_kept; /* the slot in force holds them */
    uint8_t settings[SETTINGS_BYTES];
} store_t;

typedef struct {
    bool locked;
    bool settings_valid;
    bool record_valid;
} store_found_t;

/* Reads everything; a wholly erased chip is given its first values. Queues the commit of the new boot number. */
store_found_t store_start(store_t *store, uint8_t product);

void store_step(store_t *store);
bool store_busy(const store_t *store, uint8_t job);

/* Key records are being written. */
static inline bool store_records_busy(const store_t *store)
{
    return store->pending & (1 << STORE_RECORD | 1 << STORE_SWEEP);
}

static inline bool store_keyed(const store_t *store)
{
    return store->pairing & 1;
}

/* Copies the key of a keyed gate; only while nv_ready(). */
void store_key(const store_t *store, uint8_t *key);

/* Takes another key, or none when all of its bytes are 0. They stay where they are until STORE_RECORD is done: from then on
 * the new key counts. STORE_SWEEP follows by itself, and leaves no record with an old one. */
void store_pair(store_t *store, const uint8_t *key);

/* Bits of the jobs that finished since the last call. */
uint8_t store_take_done(store_t *store);

void store_write_lock(store_t *store, bool locked);

/* Commits store->settings as they stand. */
void store_write_settings(store_t *store);

#endif
