#include "core/codec.h"

enum { BETWEEN, AFTER_START, IN_FRAME };

uint16_t crc_run(uint16_t crc, const void *bytes, uint8_t length)
{
    const uint8_t *p = bytes;
    while (length--)
        crc = crc_step(crc, *p++);
    return crc;
}

static void unpack(parser_t *parser, uint8_t byte)
{
    frame_t *frame = &parser->frame;
    parser->bits |= (uint16_t)byte << parser->bit_count;
    parser->bit_count = (uint8_t)(parser->bit_count + 7);
    if (parser->bit_count < 8)
        return;
    if (frame->length < LIMIT_CONTENT_BYTES)
        frame->content[frame->length++] = (uint8_t)parser->bits;
    else
        parser->broken = true;
    parser->bits >>= 8;
    parser->bit_count = (uint8_t)(parser->bit_count - 8);
}

static uint8_t end_frame(parser_t *parser, uint8_t byte)
{
    bool whole = byte == SYSEX_END && !parser->broken && parser->bit_count < 7 && parser->bits == 0;
    parser->mode = BETWEEN;
    return whole ? PARSED_FRAME : PARSED_BROKEN;
}

uint8_t parser_feed(parser_t *parser, uint8_t byte)
{
    uint8_t result = 0;
    if (parser->mode == IN_FRAME) {
        if (byte < 0x80) {
            unpack(parser, byte);
            return 0;
        }
        result = end_frame(parser, byte);
        if (byte == SYSEX_END)
            return result;
    }
    if (byte == SYSEX_START) {
        parser->mode = AFTER_START;
        return result;
    }
    if (parser->mode == AFTER_START) {
        if (byte >= 1 && byte <= GUARD_ID_LAST) {
            parser->mode = IN_FRAME;
            parser->bits = 0;
            parser->bit_count = 0;
            parser->broken = false;
            parser->frame.id = byte;
            parser->frame.length = 0;
            /* Firmata must not take what follows the guard frame for the rest of its own sysex. */
            return PARSED_FIRMATA_START;
        }
        parser->mode = BETWEEN;
        return PARSED_FIRMATA_START | PARSED_FIRMATA;
    }
    return result | PARSED_FIRMATA;
}

const uint8_t *frame_body(const frame_t *frame, uint8_t expected_length)
{
    uint8_t authenticator = frame_is_authenticated(frame) ? LIMIT_MAC_BYTES : 0;
    if (frame->length != HEAD_BYTES + expected_length + authenticator + CRC_BYTES)
        return 0;
    if ((frame->content[0] & ~HEAD_AUTHENTICATED) != PROTOCOL_VERSION << 4)
        return 0;
    uint8_t covered = (uint8_t)(frame->length - CRC_BYTES);
    uint16_t crc = crc_run(crc_step(CRC_START, frame->id), frame->content, covered);
    return get_u16(frame->content + covered) == crc ? frame->content + HEAD_BYTES : 0;
}

typedef struct {
    uint8_t *out;
    uint16_t bits;
    uint8_t bit_count;
} packer_t;

static void pack(packer_t *packer, uint8_t byte)
{
    packer->bits |= (uint16_t)byte << packer->bit_count;
    packer->bit_count = (uint8_t)(packer->bit_count + 8);
    while (packer->bit_count >= 7) {
        *packer->out++ = packer->bits & 0x7F;
        packer->bits >>= 7;
        packer->bit_count = (uint8_t)(packer->bit_count - 7);
    }
}

uint8_t frame_encode(uint8_t id, const uint8_t *content, uint8_t length, uint8_t *out)
{
    uint16_t crc = crc_run(crc_step(CRC_START, id), content, length);

    out[0] = SYSEX_START;
    out[1] = id;
    packer_t packer = {.out = out + 2};
    for (uint8_t i = 0; i < length; i++)
        pack(&packer, content[i]);
    pack(&packer, (uint8_t)crc);
    pack(&packer, (uint8_t)(crc >> 8));
    if (packer.bit_count)
        *packer.out++ = (uint8_t)packer.bits;
    *packer.out++ = SYSEX_END;
    return (uint8_t)(packer.out - out);
}
