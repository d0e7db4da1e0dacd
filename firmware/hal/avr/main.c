/* The ATmega328P: interrupts, the millisecond, and the loop that moves frames. Everything that decides is in core/.
 *
 * A mute frame and a button edge cut the actuator in their interrupts and leave a note; the millisecond tells the guard. So the
 * guard is stepped from two places only, the millisecond and the loop with the millisecond held, and nothing keeps the
 * receiver waiting: a byte comes every 87 µs and it holds two. */
#include <avr/boot.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <util/atomic.h>

#include "core/channel.h"
#include "firmata/firmata.h"
#include "hal/avr/outputs.h"
#include "hal/avr/start.h"
#include "hal/avr/uart.h"
#include "hal/hal.h"

enum { LED_PERIOD_MS = 8 };

static history_t history __attribute__((section(".noinit")));
static gate_t gate;
static channel_t channel;
static parser_t parser;

static msg_mute_t mute;
static volatile enum { NO_MUTE, MUTE_READ, MUTE_UNREADABLE } mute_noted;
static volatile bool edge_noted;
static volatile bool ticked;

/* While a note waits the actuator stays off, whatever the guard still believes. */
static void follow(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        if (mute_noted || edge_noted)
            outputs_cut();
        else
            outputs_actuator(&gate);
    }
}

/* What the guard remembers must be in memory before the millisecond may look at it, and looked at only after it is held. */
#define MEMORY_BARRIER() __asm__ volatile("" ::: "memory")

static void hold_tick(void)
{
    TIMSK0 = 0;
    MEMORY_BARRIER();
}

static void release_tick(void)
{
    MEMORY_BARRIER();
    TIMSK0 = 1 << OCIE0A;
}

static void take_notes(void)
{
    if (edge_noted) {
        edge_noted = false;
        guard_button_edge(&gate.guard);
    }
    if (!mute_noted)
        return;
    msg_mute_t noted;
    bool readable;
    ATOMIC_BLOCK(ATOMIC_FORCEON)
    {
        noted = mute;
        readable = mute_noted == MUTE_READ;
        mute_noted = NO_MUTE;
    }
    gate_mute(&gate, readable ? &noted : 0);
}

static void tick(void)
{
    static uint8_t led_ms;
    const pins_t pins = {
        .button_closed = !(BUTTON_PIN & 1 << BUTTON_BIT),
        .sense_high = SENSE_PIN & 1 << SENSE_BIT,
    };
    take_notes();
    gate_tick(&gate, &pins);
    follow();
    if (++led_ms == LED_PERIOD_MS) {
        led_ms = 0;
        outputs_leds(leds_show(&gate.guard));
    }
    ticked = true;
}

ISR(TIMER0_COMPA_vect)
{
    hold_tick();
    sei();
    tick();
    cli();
    release_tick();
}

/* A falling edge: however short the contact was closed, it counts. */
ISR(INT0_vect)
{
    outputs_cut();
    edge_noted = true;
}

static void take_frame(bool whole)
{
    if (parser.frame.id == MSG_MUTE) {
        outputs_cut();
        const uint8_t *body = whole ? frame_body(&parser.frame, MSG_MUTE_BYTES) : 0;
        if (body)
            msg_mute_read(body, &mute);
        mute_noted = body ? MUTE_READ : MUTE_UNREADABLE;
        channel_mute(&channel);
        return;
    }
    if (whole)
        channel_put(&channel, &parser.frame);
}

ISR(USART_RX_vect)
{
    uint8_t byte = UDR0;
    uint8_t parsed = parser_feed(&parser, byte);
    if (parsed & (PARSED_FRAME | PARSED_BROKEN))
        take_frame(parsed & PARSED_FRAME);
    if (parsed & PARSED_FIRMATA_START)
        firmata_put(SYSEX_START);
    if (parsed & PARSED_FIRMATA)
        firmata_put(byte);
}

static uint8_t reset_reason(void)
{
    if (reset_flags & 1 << PORF)
        return REASON_POWER_ON;
    if (reset_flags & 1 << BORF)
        return REASON_BROWN_OUT;
    if (reset_flags & 1 << WDRF)
        return REASON_WATCHDOG;
    return reset_flags & 1 << EXTRF ? REASON_EXTERNAL_RESET : REASON_HIDDEN_RESET;
}

static board_facts_t board_facts(void)
{
    /* BODLEVEL of the extended fuse, 0 is programmed: 111 off, 110 1.8 V, 101 2.7 V, 100 4.3 V. */
    uint8_t level = boot_lock_fuse_bits_get(GET_EXTENDED_FUSE_BITS) & 7;
    bool bootloader = !(boot_lock_fuse_bits_get(GET_HIGH_FUSE_BITS) & 1);
    return (board_facts_t){
        .product = BOARD_PRODUCT,
        .reset_reason = reset_reason(),
        .brown_out = level >= 4 ? (uint8_t)(7 - level) : BROWN_OUT_OFF,
        .bootloader = bootloader,
    };
}

static void start(void)
{
    outputs_start();
    BUTTON_PORT |= 1 << BUTTON_BIT;
    SENSE_PORT |= 1 << SENSE_BIT;
    const board_facts_t facts = board_facts();
    gate_start(&gate, &history, &facts);
    channel_start(&channel, &gate);
    uart_start();
    firmata_start();

    /* 1 kHz: 16 MHz / 64 / 250. */
    TCCR0A = 1 << WGM01;
    TCCR0B = 1 << CS01 | 1 << CS00;
    OCR0A = (uint8_t)(F_CPU / 64 / 1000 - 1);
    release_tick();
    EICRA = 1 << ISC01;
    EIMSK = 1 << INT0;
    wdt_enable(WDTO_250MS);
    set_sleep_mode(SLEEP_MODE_IDLE);
    sei();
}

void guard_hold(void)
{
    hold_tick();
    take_notes();
}

void guard_release(void)
{
    follow();
    release_tick();
}

static void sleep_until_interrupt(void)
{
    cli();
    if (!ticked && !channel_has_mail(&channel) && !firmata_waiting()) {
        sleep_enable();
        sei();
        sleep_cpu();
        sleep_disable();
    }
    sei();
}

int main(void)
{
    bool working = false;
    start();
    for (;;) {
        if (!working)
            sleep_until_interrupt();
        /* Only a living millisecond feeds the watchdog: a loop kept awake by bytes alone is not enough. */
        if (ticked) {
            ticked = false;
            wdt_reset();
            firmata_tick();
        }
        firmata_poll();
        working = channel_run(&channel);
    }
}
