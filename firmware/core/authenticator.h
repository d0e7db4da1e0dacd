/* The authenticator of one frame: HMAC-SHA256 (RFC 4231), cut to 16 bytes, in slices of at most 3,200 cycles of an AVR.
 *
 * What it covers is short: gate id, message id and content fill one block. So it takes four: the key inside, the message, the
 * key outside, the digest. `hash` keeps the inner digest while the key outside, which begins a hash of its own, is worked off. */
#ifndef EARLID_AUTHENTICATOR_H
#define EARLID_AUTHENTICATOR_H

#include "core/sha256.h"
#include "generated/protocol.h"

typedef struct {
    sha256_t sha;
    uint8_t block; /* which of the four */
    bool filled;   /* it is being worked off */
    uint8_t id, length;
    const uint8_t *gate_id; /* both stay where they are until it is done */
    const uint8_t *content;
} authenticator_t;

/* Of a frame with this id and content (before the authenticator; with gate id and id at most 55 bytes). */
void authenticator_begin(authenticator_t *a, const uint8_t *gate_id, uint8_t id, const uint8_t *content, uint8_t length);

/* The next slice begins with the key: it must be put into authenticator_key() before. */
static inline bool authenticator_needs_key(const authenticator_t *a)
{
    return !a->filled && !(a->block & 1);
}

/* Where the LIMIT_KEY_BYTES of the key go. */
static inline uint8_t *authenticator_key(authenticator_t *a)
{
    return (uint8_t *)a->sha.block;
}

/* One slice; true when it is done. */
bool authenticator_step(authenticator_t *a);

/* Once done: the LIMIT_MAC_BYTES, and whether these are they. The comparison takes the same time whatever is wrong. */
void authenticator_write(const authenticator_t *a, uint8_t *mac);
bool authenticator_is(const authenticator_t *a, const uint8_t *mac);

#endif
