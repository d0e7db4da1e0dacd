/* Gates in virtual time, driven over standard input and output: the host build in place of the chip on an emulated board
 * (test/builds/host-chip.ts is the other end).
 *
 * Input is a stream of orders, each a letter, the number of a gate (16 bits) and what it needs; all numbers are little-endian,
 * times are 64-bit cycles of a 16 MHz clock.
 *   N                             makes the gate; numbers count up from 0
 *   S flags facts[4] eeprom[1024] starts it after a reset with these flags of MCUSR; facts: product, brown-out level, bootloader,
 *                                 and whether an EEPROM write is still under way
 *   H                             holds it in reset
 *   L seed[4]                     its RAM is lost
 *   T time                        no ms ends between the last order and this time, and it is reached
 *   B byte                        a byte from the wire
 *   P pin drive                   a pin is driven
 *   W value                       the EEPROM write under way has ended and left this value
 *   R time                        time goes on up to this one or to the first effect
 * R alone is answered: length of the rest (16 bits), time reached, time of the next tick, running write (1 or 0, address,
 * value), actuator, pulse (half µs), red, green, time at which the first of the sent bytes begins, the sent bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hal/host/host_gate.h"

enum {
    TICK_CYCLES = 16000,
    BYTE_CYCLES = 1389, /* at 115200 baud */
    RING_BYTES = 128,
    START_CYCLES = 2 * TICK_CYCLES, /* from the first instruction to the end of the first ms */
    SLICES_A_MS = 6, /* as many as the chip has time for */
    MOST_GATES = 65536,
    MOST_SENT = 4 * RING_BYTES,
};

typedef struct {
    bool actuator;
    uint16_t pulse_steps;
    leds_t leds;
} outputs_t;

typedef struct {
    host_gate_t host;
    uint64_t now, next_tick;
    uint64_t wire_free; /* when the last byte sent has left */
    uint64_t sent_at;
    uint16_t sent_length;
    uint8_t sent[MOST_SENT];
    bool told_writing; /* of the write under way */
    outputs_t told;    /* by the last answer */
} bench_gate_t;

static bench_gate_t *gates[MOST_GATES];
static size_t gate_count;

static uint8_t input[65536];
static size_t input_at, input_length;

static void fail(const char *why)
{
    fprintf(stderr, "host bench: %s\n", why);
    exit(1);
}

static uint8_t take(void)
{
    if (input_at == input_length) {
        ssize_t length = read(STDIN_FILENO, input, sizeof input);
        if (length <= 0)
            exit(0);
        input_length = (size_t)length;
        input_at = 0;
    }
    return input[input_at++];
}

static uint64_t take_number(int bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < bytes; i++)
        number |= (uint64_t)take() << (8 * i);
    return number;
}

static bool has_room(host_gate_t *host)
{
    const bench_gate_t *gate = (const bench_gate_t *)host;
    uint64_t left = gate->wire_free > gate->now ? (gate->wire_free - gate->now) / BYTE_CYCLES : 0;
    return left + LIMIT_FRAME_BYTES <= RING_BYTES;
}

static void put_on_wire(host_gate_t *host, const uint8_t *frame, uint8_t length)
{
    bench_gate_t *gate = (bench_gate_t *)host;
    uint64_t begin = gate->wire_free > gate->now ? gate->wire_free : gate->now;
    if (!gate->sent_length)
        gate->sent_at = begin;
    if (gate->sent_length + length > MOST_SENT)
        fail("more was sent than the wire carries");
    memcpy(gate->sent + gate->sent_length, frame, length);
    gate->sent_length = (uint16_t)(gate->sent_length + length);
    gate->wire_free = begin + (uint64_t)length * BYTE_CYCLES;
}

static void make(uint16_t number)
{
    if (number != gate_count)
        fail("gates are made in order");
    bench_gate_t *gate = calloc(1, sizeof *gate);
    if (!gate)
        fail("no memory");
    host_init(&gate->host);
    gate->host.has_room = has_room;
    gate->host.send = put_on_wire;
    gate->host.slices = SLICES_A_MS;
    gates[gate_count++] = gate;
}

static uint8_t reset_reason(uint8_t flags)
{
    static const uint8_t reasons[] = {REASON_POWER_ON, REASON_EXTERNAL_RESET, REASON_BROWN_OUT, REASON_WATCHDOG};
    static const uint8_t order[] = {0, 2, 3, 1};
    for (size_t i = 0; i < sizeof order; i++)
        if (flags & 1 << order[i])
            return reasons[order[i]];
    return REASON_HIDDEN_RESET;
}

static void start(bench_gate_t *gate)
{
    board_facts_t facts = {.reset_reason = reset_reason(take())};
    facts.product = take();
    facts.brown_out = take();
    facts.bootloader = take();
    gate->host.writing = take();
    gate->told_writing = gate->host.writing;
    for (size_t i = 0; i < EEPROM_SIZE_BYTES; i++)
        gate->host.eeprom[i] = take();
    gate->next_tick = gate->now + START_CYCLES;
    host_start(&gate->host, &facts);
}

static void hold(bench_gate_t *gate)
{
    host_hold(&gate->host);
    gate->wire_free = gate->now;
    gate->sent_length = 0;
}

static void lose_memory(bench_gate_t *gate, uint32_t seed)
{
    uint8_t *bytes = (uint8_t *)&gate->host.history;
    for (size_t i = 0; i < sizeof gate->host.history; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static outputs_t outputs(const host_gate_t *host)
{
    return (outputs_t){host->actuator, host->pulse_steps, host->leds};
}

static bool has_effect(const bench_gate_t *gate)
{
    const outputs_t now = outputs(&gate->host), *told = &gate->told;
    return gate->sent_length || (gate->host.writing && !gate->told_writing) || now.actuator != told->actuator ||
           now.pulse_steps != told->pulse_steps || now.leds.red != told->leds.red || now.leds.green != told->leds.green;
}

static uint8_t *put_number(uint8_t *out, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *out++ = (uint8_t)(number >> (8 * i));
    return out;
}

static void answer(bench_gate_t *gate)
{
    static uint8_t message[MOST_SENT + 64];
    const host_gate_t *host = &gate->host;
    uint8_t *p = message + 2;
    p = put_number(p, gate->now, 8);
    p = put_number(p, gate->next_tick, 8);
    p = put_number(p, host->writing, 1);
    p = put_number(p, host->write_address, 2);
    p = put_number(p, host->write_value, 1);
    p = put_number(p, host->actuator, 1);
    p = put_number(p, host->pulse_steps, 2);
    p = put_number(p, host->leds.red, 1);
    p = put_number(p, host->leds.green, 1);
    p = put_number(p, gate->sent_at, 8);
    memcpy(p, gate->sent, gate->sent_length);
    p += gate->sent_length;
    put_number(message, (uint64_t)(p - message - 2), 2);
    gate->sent_length = 0;
    gate->told_writing = host->writing;
    gate->told = outputs(host);
    if (write(STDOUT_FILENO, message, (size_t)(p - message)) != p - message)
        exit(0);
}

static void run(bench_gate_t *gate, uint64_t until)
{
    while (gate->host.running && !has_effect(gate) && gate->next_tick <= until) {
        gate->now = gate->next_tick;
        gate->next_tick += TICK_CYCLES;
        host_tick(&gate->host);
    }
    if (!has_effect(gate))
        gate->now = until;
    answer(gate);
}

int main(void)
{
    for (;;) {
        uint8_t order = take();
        uint16_t number = (uint16_t)take_number(2);
        if (order == 'N') {
            make(number);
            continue;
        }
        if (number >= gate_count)
            fail("no such gate");
        bench_gate_t *gate = gates[number];
        uint8_t pin;
        switch (order) {
        case 'S':
            start(gate);
            break;
        case 'H':
            hold(gate);
            break;
        case 'L':
            lose_memory(gate, (uint32_t)take_number(4));
            break;
        case 'T':
            gate->now = take_number(8);
            break;
        case 'B':
            host_receive(&gate->host, take());
            break;
        case 'P':
            pin = take();
            if (pin >= PIN_COUNT)
                fail("no such pin");
            host_drive(&gate->host, pin, take());
            break;
        case 'W':
            host_nv_finish(&gate->host, take());
            gate->told_writing = false;
            break;
        case 'R':
            run(gate, take_number(8));
            break;
        default:
            fail("unknown order");
        }
    }
}
