/* Runs the conformance vectors (schemas/generated/vectors.json) through the C code: read, every field compared, written again. */
#include <stdio.h>
#include <stdlib.h>

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

#include "generated/vectors.h"

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
    all_vectors();
    damaged_frames();
    printf("%d checks\n", checked);
    return 0;
}
