#include "hal/host/host_gate.h"

#include "boards/uno.h"

enum { LED_PERIOD_MS = 8 };

/* The core calls the hal without saying for which gate; whoever steps a gate says so here first. */
static host_gate_t *current;

bool nv_ready(void)
{
    return !current->writing;
}

uint8_t nv_read(uint16_t address)
{
    return current->eeprom[address];
}

void nv_write(uint16_t address, uint8_t value)
{
    current->writing = true;
    current->write_address = address;
    current->write_value = value;
}

void host_nv_finish(host_gate_t *host, uint8_t value)
{
    host->writing = false;
    host->eeprom[host->write_address] = value;
}

static uint32_t guard_pins(void)
{
    return current->gate.facts.product == PRODUCT_UNO_SERVO ? UNO_GUARD_PINS | BIT_OF(PIN_SERVO_SIGNAL) : UNO_GUARD_PINS;
}

bool pin_is_guards(uint8_t pin)
{
    return pin >= PIN_COUNT || guard_pins() & BIT_OF(pin);
}

bool pin_is_free(uint8_t pin)
{
    return !pin_is_guards(pin) && !(current->reserved & BIT_OF(pin));
}

static bool level(const host_gate_t *host, uint8_t pin)
{
    return host->drives[pin] == DRIVE_HIGH || (host->drives[pin] == DRIVE_FLOAT && host->pull_ups & BIT_OF(pin));
}

void pin_reserve_input(uint8_t pin, bool pull_up)
{
    if (!pin_is_free(pin))
        return;
    current->reserved |= BIT_OF(pin);
    if (pull_up)
        current->pull_ups |= BIT_OF(pin);
    else
        current->pull_ups &= ~BIT_OF(pin);
}

bool pin_read_input(uint8_t pin)
{
    return !pin_is_guards(pin) && level(current, pin);
}

void pins_release_inputs(void)
{
    current->reserved = 0;
}

static uint16_t pulse_steps(const gate_t *gate)
{
    bool open = gate->servo.open;
    return (uint16_t)(2 * guard_setting_u16(&gate->guard, open ? SETTING_SERVO_OPEN_AT : SETTING_SERVO_CLOSED_AT));
}

/* Outputs follow the guard at once, whatever made it change its mind. */
static void follow(host_gate_t *host)
{
    const gate_t *gate = &host->gate;
    if (gate->facts.product == PRODUCT_UNO_SERVO) {
        host->actuator = gate->servo.power;
        host->pulse_steps = gate->servo.power ? pulse_steps(gate) : 0;
    } else
        host->actuator = gate->guard.on;
}

/* Whoever steps the guard here does nothing else meanwhile. */
void guard_hold(void) {}

void guard_release(void)
{
    follow(current);
}

uint8_t wire_room(void)
{
    return current->has_room(current) ? LIMIT_FRAME_BYTES : 0;
}

void wire_send(const uint8_t *bytes, uint8_t length)
{
    current->send(current, bytes, length);
}

/* One slice where a ms has time for some only; else all there are, though they may have to wait for the EEPROM. */
static void run_channel(host_gate_t *host)
{
    while (channel_run(&host->channel) && !host->slices && !host->writing)
        ;
}

void host_init(host_gate_t *host)
{
    memset(host, 0, sizeof *host);
    memset(host->eeprom, 0xFF, sizeof host->eeprom);
    memset(host->drives, DRIVE_FLOAT, sizeof host->drives);
}

void host_start(host_gate_t *host, const board_facts_t *facts)
{
    current = host;
    host->parser = (parser_t){0};
    host->reserved = 0;
    host->pull_ups = BIT_OF(PIN_BUTTON) | BIT_OF(PIN_SENSE);
    host->running = true;
    gate_start(&host->gate, &host->history, facts);
    channel_start(&host->channel, &host->gate);
    follow(host);
}

void host_hold(host_gate_t *host)
{
    host->running = false;
    host->actuator = false;
    host->pulse_steps = 0;
    host->leds = (leds_t){0};
}

void host_tick(host_gate_t *host)
{
    const pins_t pins = {.button_closed = !level(host, PIN_BUTTON), .sense_high = level(host, PIN_SENSE)};
    current = host;
    gate_tick(&host->gate, &pins);
    follow(host);
    if (++host->led_ms == LED_PERIOD_MS) {
        host->led_ms = 0;
        host->leds = leds_show(&host->gate.guard);
    }
    run_channel(host);
    for (uint8_t i = 1; i < host->slices; i++)
        run_channel(host);
}

static void take_mute(host_gate_t *host, bool whole)
{
    msg_mute_t mute;
    const uint8_t *body = whole ? frame_body(&host->parser.frame, MSG_MUTE_BYTES) : 0;
    if (body)
        msg_mute_read(body, &mute);
    gate_mute(&host->gate, body ? &mute : 0);
    channel_mute(&host->channel);
}

void host_receive(host_gate_t *host, uint8_t byte)
{
    current = host;
    const frame_t *frame = &host->parser.frame;
    uint8_t parsed = parser_feed(&host->parser, byte);
    if (!(parsed & (PARSED_FRAME | PARSED_BROKEN)))
        return;
    if (frame->id == MSG_MUTE)
        take_mute(host, parsed & PARSED_FRAME);
    else if (parsed & PARSED_FRAME)
        channel_put(&host->channel, frame);
    follow(host);
    run_channel(host);
}

/* A falling edge at the button counts however short it was. */
void host_drive(host_gate_t *host, uint8_t pin, drive_t drive)
{
    bool was_high = level(host, pin);
    host->drives[pin] = (uint8_t)drive;
    if (pin != PIN_BUTTON || !host->running || !was_high || level(host, pin))
        return;
    current = host;
    guard_button_edge(&host->gate.guard);
    follow(host);
}
