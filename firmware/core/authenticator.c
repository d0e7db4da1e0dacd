#include "core/authenticator.h"

enum { KEY_INSIDE, MESSAGE, KEY_OUTSIDE, DIGEST, BLOCKS };
enum { BLOCK_BYTES = 64, MAC_WORDS = LIMIT_MAC_BYTES / 4, LAST_WORD = SHA256_BLOCK_WORDS - 1 };
enum { END_MARK = 0x80, PAD_INSIDE = 0x36, PAD_OUTSIDE = 0x5C };

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint16_t)(p[2] << 8) | p[3];
}

void authenticator_begin(authenticator_t *a, const uint8_t *gate_id, uint8_t id, const uint8_t *content, uint8_t length)
{
    a->gate_id = gate_id;
    a->id = id;
    a->content = content;
    a->length = length;
    a->block = KEY_INSIDE;
    a->filled = false;
}

/* The bytes in the block as its words. */
static void to_words(uint32_t *block)
{
    for (uint8_t i = 0; i < SHA256_BLOCK_WORDS; i++)
        block[i] = big_endian((const uint8_t *)&block[i]);
}

static void pad_key(uint32_t *block, uint8_t pad)
{
    uint8_t *bytes = (uint8_t *)block;
    memset(bytes + LIMIT_KEY_BYTES, 0, BLOCK_BYTES - LIMIT_KEY_BYTES);
    for (uint8_t i = 0; i < BLOCK_BYTES; i++)
        bytes[i] ^= pad;
    to_words(block);
}

static void end_block(uint32_t *block, uint8_t length)
{
    block[LAST_WORD] = (uint32_t)(BLOCK_BYTES + length) * 8;
}

static void fill_message(authenticator_t *a)
{
    uint8_t *bytes = (uint8_t *)a->sha.block;
    uint8_t length = (uint8_t)(LIMIT_GATE_ID_BYTES + 1 + a->length);
    memset(bytes, 0, BLOCK_BYTES);
    memcpy(bytes, a->gate_id, LIMIT_GATE_ID_BYTES);
    bytes[LIMIT_GATE_ID_BYTES] = a->id;
    memcpy(bytes + LIMIT_GATE_ID_BYTES + 1, a->content, a->length);
    bytes[length] = END_MARK;
    to_words(a->sha.block);
    end_block(a->sha.block, length);
}

static void fill_digest(uint32_t *block)
{
    for (uint8_t i = SHA256_WORDS; i < LAST_WORD; i++)
        block[i] = 0;
    block[SHA256_WORDS] = (uint32_t)END_MARK << 24;
    end_block(block, SHA256_WORDS * 4);
}

static void fill(authenticator_t *a)
{
    switch (a->block) {
    case KEY_INSIDE:
        pad_key(a->sha.block, PAD_INSIDE);
        break;
    case MESSAGE:
        fill_message(a);
        break;
    case KEY_OUTSIDE:
        pad_key(a->sha.block, PAD_OUTSIDE);
        break;
    default:
        fill_digest(a->sha.block);
    }
    sha256_begin(&a->sha, !(a->block & 1));
    a->filled = true;
}

bool authenticator_step(authenticator_t *a)
{
    if (!a->filled) {
        fill(a);
        return false;
    }
    /* Before `hash` becomes that of the key outside, the inner digest in it is the next block. */
    if (a->block == KEY_OUTSIDE && sha256_ending(&a->sha))
        memcpy(a->sha.block, a->sha.hash, sizeof a->sha.hash);
    if (!sha256_step(&a->sha))
        return false;
    a->filled = false;
    return ++a->block == BLOCKS;
}

void authenticator_write(const authenticator_t *a, uint8_t *mac)
{
    for (uint8_t i = 0; i < MAC_WORDS; i++) {
        uint32_t word = a->sha.hash[i];
        *mac++ = (uint8_t)(word >> 24);
        *mac++ = (uint8_t)(word >> 16);
        *mac++ = (uint8_t)(word >> 8);
        *mac++ = (uint8_t)word;
    }
}

bool authenticator_is(const authenticator_t *a, const uint8_t *mac)
{
    uint32_t difference = 0;
    for (uint8_t i = 0; i < MAC_WORDS; i++)
        difference |= a->sha.hash[i] ^ big_endian(mac + 4 * i);
    return difference == 0;
}
