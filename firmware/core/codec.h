/* Guard frames: bytes in, frames out, and back (docs/protocol.md, "The wire"). */
#ifndef EARLID_CODEC_H
#define EARLID_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "generated/protocol.h"

enum {
    SYSEX_START = 0xF0,
    SYSEX_END = 0xF7,
    HEAD_BYTES = 2,
    HEAD_AUTHENTICATED = 1, /* bit of the first byte */
    CRC_BYTES = 2,
    GUARD_ID_LAST = 0x0F,
};

typedef struct {
    uint8_t id;
    uint8_t length; /* bytes of content */
    uint8_t content[LIMIT_CONTENT_BYTES];
} frame_t;

typedef struct {
    uint8_t mode;
    uint8_t bit_count;
    uint16_t bits;
    bool broken;
    frame_t frame;
} parser_t;

/* What one byte brought about; several may hold. */
enum {
    PARSED_FRAME = 1,         /* parser->frame is whole and well packed (CRC not yet checked) */
    PARSED_BROKEN = 2,        /* a frame with id parser->frame.id ended without being whole */
    PARSED_FIRMATA_START = 4, /* an F0 belongs to Firmata, before the byte itself */
    PARSED_FIRMATA = 8,       /* the byte belongs to Firmata */
};

uint8_t parser_feed(parser_t *parser, uint8_t byte);

/* The body of a frame with a right CRC and a spoken version, or 0. An authenticator follows the body if the frame carries one. */
const uint8_t *frame_body(const frame_t *frame, uint8_t expected_length);

static inline bool frame_is_authenticated(const frame_t *frame)
{
    return frame->content[0] & HEAD_AUTHENTICATED;
}

/* Writes a whole frame, F0 to F7, of content without its CRC (head, body, authenticator), and returns its length (at most
 * LIMIT_FRAME_BYTES). */
uint8_t frame_encode(uint8_t id, const uint8_t *content, uint8_t length, uint8_t *out);

/* CRC-16/CCITT-FALSE, one byte further; starts at CRC_START. */
enum { CRC_START = 0xFFFF };
__attribute__((always_inline)) static inline uint16_t crc_step(uint16_t crc, uint8_t byte)
{
    /* Byte-wise form of the polynomial 0x1021, in shifts of single bytes: no table, no bit loop, no 16-bit shifts. */
    uint8_t x = (uint8_t)((crc >> 8) ^ byte);
    x ^= x >> 4;
    uint8_t high = (uint8_t)(crc ^ (x << 4) ^ (x >> 3));
    uint8_t low = (uint8_t)(x ^ (x << 5));
    return (uint16_t)((uint16_t)high << 8 | low);
}

uint16_t crc_run(uint16_t crc, const void *bytes, uint8_t length);

#endif
