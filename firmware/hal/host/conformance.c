/* Runs the conformance vectors (schemas/generated/vectors.json) through the C code: read, every field compared, written again,
 * with their authenticators; and the vectors of the RFCs through what makes these. */
#include <stdio.h>
#include <stdlib.h>

#include "core/authenticator.h"
#include "core/codec.h"

static int checked;

#define CHECK(condition)                                                        \
    do {                                                                        \
        checked++;                                                              \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                            \
        }                                                                       \
    } while (0)

static parser_t parser;

static const uint8_t *vector_body(const char *name, const uint8_t *frame, size_t size, uint8_t id, uint8_t count, uint8_t length, bool authenticated)
{
    uint8_t parsed = 0;
    printf("%s\n", name);
    for (size_t i = 0; i < size; i++)
        parsed = parser_feed(&parser, frame[i]);
    CHECK(parsed == PARSED_FRAME);
    CHECK(parser.frame.id == id);
    CHECK(parser.frame.content[1] == count);
    const uint8_t *body = frame_body(&parser.frame, length);
    CHECK(body != 0);
    CHECK(frame_is_authenticated(&parser.frame) == authenticated);
    return body;
}

static void vector_written(const uint8_t *frame, size_t size, uint8_t id, uint8_t count, const uint8_t *body, size_t length)
{
    uint8_t content[LIMIT_CONTENT_BYTES] = {PROTOCOL_VERSION << 4, count}, out[LIMIT_FRAME_BYTES];
    memcpy(content + HEAD_BYTES, body, length);
    CHECK(frame_encode(id, content, (uint8_t)(HEAD_BYTES + length), out) == size);
    CHECK(memcmp(frame, out, size) == 0);
}

static void authenticate(authenticator_t *a, const uint8_t *key, const uint8_t *gate_id, uint8_t id, const uint8_t *content, uint8_t length)
{
    authenticator_begin(a, gate_id, id, content, length);
    do {
        if (authenticator_needs_key(a))
            memcpy(authenticator_key(a), key, LIMIT_KEY_BYTES);
    } while (!authenticator_step(a));
}

static void vector_authenticated(const uint8_t *frame, size_t size, uint8_t id, uint8_t count, const uint8_t *body, size_t length,
                                 const uint8_t *key, const uint8_t *gate_id)
{
    uint8_t content[LIMIT_CONTENT_BYTES] = {PROTOCOL_VERSION << 4 | HEAD_AUTHENTICATED, count}, out[LIMIT_FRAME_BYTES];
    uint8_t *mac = content + HEAD_BYTES + length;
    authenticator_t a;
    memcpy(content + HEAD_BYTES, body, length);
    authenticate(&a, key, gate_id, id, content, (uint8_t)(HEAD_BYTES + length));
    CHECK(authenticator_is(&a, parser.frame.content + HEAD_BYTES + length));
    authenticator_write(&a, mac);
    for (uint8_t bit = 0; bit < LIMIT_MAC_BYTES * 8; bit++) {
        uint8_t wrong[LIMIT_MAC_BYTES];
        memcpy(wrong, mac, sizeof wrong);
        wrong[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!authenticator_is(&a, wrong));
    }
    CHECK(frame_encode(id, content, (uint8_t)(HEAD_BYTES + length + LIMIT_MAC_BYTES), out) == size);
    CHECK(memcmp(frame, out, size) == 0);
}

#include "generated/vectors.h"

static void hash_block(sha256_t *sha, const uint8_t *bytes, bool first)
{
    for (uint8_t i = 0; i < SHA256_BLOCK_WORDS; i++, bytes += 4)
        sha->block[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    sha256_begin(sha, first);
    while (!sha256_step(sha))
        ;
}

static void hash_is(const char *text, size_t times, const uint32_t *expected)
{
    sha256_t sha;
    uint8_t block[64];
    uint64_t length = 0;
    for (size_t i = 0; i < times; i++)
        for (const char *p = text; *p; p++) {
            block[length++ % sizeof block] = (uint8_t)*p;
            if (length % sizeof block == 0)
                hash_block(&sha, block, length == sizeof block);
        }
    uint8_t at = length % sizeof block;
    memset(block + at, 0, sizeof block - at);
    block[at] = 0x80;
    if (at > 55) {
        hash_block(&sha, block, length < sizeof block);
        memset(block, 0, sizeof block);
    }
    for (uint8_t i = 0; i < 8; i++)
        block[56 + i] = (uint8_t)(length * 8 >> (56 - 8 * i));
    hash_block(&sha, block, length <= 55);
    CHECK(memcmp(sha.hash, expected, sizeof sha.hash) == 0);
}

/* The SHA-256 vectors of RFC 6234, section 8.5, that are whole bytes long. */
static void hashes(void)
{
    hash_is("abc", 1, (const uint32_t[]){0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad});
    hash_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            (const uint32_t[]){0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039, 0xa33ce459, 0x64ff2167, 0xf6ecedd4, 0x19db06c1});
    hash_is("a", 1000000, (const uint32_t[]){0xcdc76e5c, 0x9914fb92, 0x81a1c7e2, 0x84d73e67, 0xf1809a48, 0xa497200e, 0x046d39cc, 0xc7112cd0});
    hash_is("0123456701234567012345670123456701234567012345670123456701234567", 10,
            (const uint32_t[]){0x59484732, 0x8451bdfa, 0x85056225, 0x462cc1d8, 0x67d877fb, 0x388df0ce, 0x35f25ab5, 0x562bfbb5});
}

/* Message and key of RFC 4231, as far as they have the length of a frame's: the first 9 bytes are gate id and id. */
static void mac_is(const char *key, size_t key_length, const char *text, size_t length, const uint8_t *expected)
{
    uint8_t padded[LIMIT_KEY_BYTES] = {0}, message[64];
    authenticator_t a;
    memcpy(padded, key, key_length);
    memcpy(message, text, length);
    authenticate(&a, padded, message, message[8], message + 9, (uint8_t)(length - 9));
    CHECK(authenticator_is(&a, expected));
}

static void macs(void)
{
    char cd[50], dd[50];
    memset(cd, 0xcd, sizeof cd);
    memset(dd, 0xdd, sizeof dd);
    /* Cases 2, 3, 4 and 5; the first has a message of 8 bytes, the others keys longer than a block. */
    mac_is("Jefe", 4, "what do ya want for nothing?", 28,
           (const uint8_t[]){0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7});
    mac_is("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 20, dd, sizeof dd,
           (const uint8_t[]){0x77, 0x3e, 0xa9, 0x1e, 0x36, 0x80, 0x0e, 0x46, 0x85, 0x4d, 0xb8, 0xeb, 0xd0, 0x91, 0x81, 0xa7});
    mac_is("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", 25, cd, sizeof cd,
           (const uint8_t[]){0x82, 0x55, 0x8a, 0x38, 0x9a, 0x44, 0x3c, 0x0e, 0xa4, 0xcc, 0x81, 0x98, 0x99, 0xf2, 0x08, 0x3a});
    mac_is("\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c\x0c", 20, "Test With Truncation", 20,
           (const uint8_t[]){0xa3, 0xb6, 0x16, 0x74, 0x73, 0x10, 0x0e, 0xe0, 0x6e, 0x0c, 0x79, 0x6c, 0x29, 0x55, 0x55, 0x2b});
}

/* One wrong bit anywhere in a frame must be noticed. */
static void damaged_frames(void)
{
    uint8_t frame[LIMIT_FRAME_BYTES];
    const uint8_t content[HEAD_BYTES + MSG_HELLO_BYTES] = {PROTOCOL_VERSION << 4, 7, 1, 2, 3, 4};
    uint8_t size = frame_encode(MSG_HELLO, content, sizeof content, frame);
    for (int bit = 0; bit < (size - 2) * 7; bit++) {
        uint8_t damaged[LIMIT_FRAME_BYTES];
        memcpy(damaged, frame, size);
        damaged[1 + bit / 7] ^= (uint8_t)(1 << bit % 7);
        uint8_t parsed = 0;
        for (uint8_t i = 0; i < size; i++)
            parsed = parser_feed(&parser, damaged[i]);
        CHECK(!(parsed & PARSED_FRAME) || parser.frame.id != MSG_HELLO || !frame_body(&parser.frame, MSG_HELLO_BYTES));
    }
}

int main(void)
{
    CHECK(crc_run(CRC_START, "123456789", 9) == 0x29B1);
    hashes();
    macs();
    all_vectors();
    damaged_frames();
    printf("%d checks\n", checked);
    return 0;
}
