/* SHA-256 in slices: a block is worked off a few rounds at a time, so that nothing waits for it (RFC 6234). */
#ifndef EARLID_SHA256_H
#define EARLID_SHA256_H

#include <stdbool.h>
#include <stdint.h>

enum { SHA256_WORDS = 8, SHA256_BLOCK_WORDS = 16, SHA256_ROUNDS = 64 };

typedef struct {
    uint32_t hash[SHA256_WORDS];
    uint32_t block[SHA256_BLOCK_WORDS]; /* the block to come; used up by its rounds */
    uint32_t work[SHA256_WORDS];
    uint8_t round;
    bool first; /* this block begins a hash, so that `hash` is not read before its end */
} sha256_t;

/* Begins with the block: the first one of a hash, or one that goes on with `hash`. */
void sha256_begin(sha256_t *sha, bool first);

/* The rounds are done: the next slice is the last, and writes `hash`. */
static inline bool sha256_ending(const sha256_t *sha)
{
    return sha->round == SHA256_ROUNDS;
}

/* At most 3,200 cycles of an AVR. True when the block is done. */
bool sha256_step(sha256_t *sha);

#endif
