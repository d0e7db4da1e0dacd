#include "core/sha256.h"

#include "hal/hal.h"

enum { ROUNDS_A_STEP = 4, SCHEDULE_FROM = 16 };

#define INLINE __attribute__((always_inline)) static inline

static const IN_FLASH uint32_t start[SHA256_WORDS] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const IN_FLASH uint32_t constants[SHA256_ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* An 8-bit chip moves bytes for next to nothing and shifts one bit at a time: every rotation is bytes and one to three single bits. */
INLINE uint32_t right8(uint32_t x)
{
    return x >> 8 | x << 24;
}

INLINE uint32_t right16(uint32_t x)
{
    return x >> 16 | x << 16;
}

INLINE uint32_t right24(uint32_t x)
{
    return x >> 24 | x << 8;
}

INLINE uint32_t right1(uint32_t x)
{
    return x & 1 ? x >> 1 | 0x80000000UL : x >> 1;
}

INLINE uint32_t left1(uint32_t x)
{
    return x & 0x80000000UL ? x << 1 | 1 : x << 1;
}

/* Rotations to the right by 6, 11 and 25. */
INLINE uint32_t big1(uint32_t e)
{
    uint32_t by1 = right1(e);
    return right24(by1) ^ right8(right1(right1(by1))) ^ right8(left1(left1(e)));
}

/* By 2, 13 and 22. */
INLINE uint32_t big0(uint32_t a)
{
    uint32_t back2 = left1(left1(a));
    return right1(right1(a)) ^ right16(left1(back2)) ^ right24(back2);
}

/* By 7 and 18, and a shift by 3. */
INLINE uint32_t small0(uint32_t w)
{
    uint32_t by2 = right1(right1(w));
    return left1(right8(w)) ^ right16(by2) ^ (right1(by2) & 0x1FFFFFFFUL);
}

/* By 17 and 19, and a shift by 10. */
INLINE uint32_t small1(uint32_t w)
{
    uint32_t by2 = right1(right1(w));
    return right1(right16(w ^ by2)) ^ (right8(by2) & 0x003FFFFFUL);
}

INLINE uint32_t *word(uint32_t *words, uint8_t bytes)
{
    return (uint32_t *)((uint8_t *)words + bytes);
}

/* The eight variables stay where they are and change their names: in round n the one called a is at place -n. */
#define VARIABLE(n) (*word(sha->work, (uint8_t)(4 * (n) - at) & 28))
/* The schedule overwrites the block: sixteen words are all that is ever looked back to. */
#define SCHEDULE(n) (*word(sha->block, (uint8_t)(4 * (n) + at) & 60))

static void one_round(sha256_t *sha)
{
    uint8_t round = sha->round++;
    uint8_t at = (uint8_t)(round * 4);
    uint32_t *w = &SCHEDULE(0);
    if (round >= SCHEDULE_FROM)
        *w += small0(SCHEDULE(1)) + SCHEDULE(9) + small1(SCHEDULE(14));

    uint32_t *h = &VARIABLE(7);
    uint32_t e = VARIABLE(4), g = VARIABLE(6);
    uint32_t sum = *w + constants[round];
    sum += big1(e);
    sum += g ^ (e & (VARIABLE(5) ^ g));
    sum += *h;
    VARIABLE(3) += sum;

    uint32_t a = VARIABLE(0), b = VARIABLE(1);
    sum += big0(a);
    sum += (a & b) | (VARIABLE(2) & (a | b));
    *h = sum;
}

void sha256_begin(sha256_t *sha, bool first)
{
    sha->first = first;
    sha->round = 0;
    for (uint8_t i = 0; i < SHA256_WORDS; i++)
        sha->work[i] = first ? start[i] : sha->hash[i];
}

bool sha256_step(sha256_t *sha)
{
    if (!sha256_ending(sha)) {
        for (uint8_t i = 0; i < ROUNDS_A_STEP; i++)
            one_round(sha);
        return false;
    }
    for (uint8_t i = 0; i < SHA256_WORDS; i++)
        sha->hash[i] = (sha->first ? start[i] : sha->hash[i]) + sha->work[i];
    return true;
}
