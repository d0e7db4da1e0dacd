#include "firmata/firmata.h"

#include "firmata/messages.h"
#include "firmata/reports.h"

/* Received bytes; a power of two, so that the indices wrap by themselves. */
enum { RING = 64, SYSEX_MAX = 32, BYTES_A_TURN = 8 };
static uint8_t ring[RING];
static volatile uint8_t head, tail;

static enum { IDLE, IN_SYSEX, IN_MESSAGE } mode;
static uint8_t command, needed, length;
static uint8_t data[SYSEX_MAX];

void firmata_start(void)
{
    mode = IDLE;
    reports_start();
}

void firmata_put(uint8_t byte)
{
    if ((uint8_t)(head - tail) == RING)
        return;
    ring[head % RING] = byte;
    head++;
}

bool firmata_waiting(void)
{
    return head != tail;
}

static uint8_t data_bytes(uint8_t byte)
{
    switch (byte & 0xF0) {
    case DIGITAL_PORT:
    case ANALOG_VALUE:
        return 2;
    case REPORT_ANALOG:
    case REPORT_DIGITAL:
        return 1;
    default:
        return byte == SET_PIN_MODE || byte == SET_PIN_VALUE ? 2 : 0;
    }
}

/* A byte of 80H and above ends whatever went on and begins anew. */
static void begin(uint8_t byte)
{
    length = 0;
    command = byte;
    needed = data_bytes(byte);
    mode = byte == SYSEX_BEGIN ? IN_SYSEX : needed ? IN_MESSAGE : IDLE;
    if (mode == IDLE)
        messages_short(byte);
}

static void feed(uint8_t byte)
{
    if (byte >= 0x80) {
        if (byte == SYSEX_STOP) {
            if (mode == IN_SYSEX && length)
                messages_sysex(data[0], data + 1, (uint8_t)(length - 1));
            mode = IDLE;
        } else
            begin(byte);
        return;
    }
    if (mode == IDLE)
        return;
    if (length < SYSEX_MAX)
        data[length++] = byte;
    if (mode == IN_MESSAGE && length == needed) {
        mode = IDLE;
        messages_channel(command, data[0], needed > 1 ? data[1] : 0);
    }
}

void firmata_tick(void)
{
    reports_tick();
}

/* Some bytes a turn, so that no stream keeps the loop from its frames and its watchdog. */
void firmata_poll(void)
{
    for (uint8_t i = 0; i < BYTES_A_TURN && head != tail && messages_ready(); i++) {
        uint8_t byte = ring[tail % RING];
        tail++;
        feed(byte);
    }
    messages_send();
    reports_send();
}
