#include "firmata/reports.h"

#include "firmata/messages.h"
#include "generated/protocol.h"
#include "hal/hal.h"

enum { PORTS = 3, ANALOG_PERIOD_MS = 50, NO_CHANNEL = 0xFF, REPORT_BYTES = 3 };

static uint8_t modes[PIN_COUNT];
static uint8_t analog_wanted, digital_wanted; /* bit per channel, bit per port */
static uint8_t ports[PORTS];
static uint8_t ports_due;
static uint8_t channel = NO_CHANNEL; /* being converted */
static uint8_t channels_due;
static uint8_t period_ms;
static bool reset_due;

void reports_start(void)
{
    for (uint8_t pin = 0; pin < PIN_COUNT; pin++) {
        modes[pin] = PIN_INPUT;
        pin_mode(pin, PIN_INPUT);
    }
    analog_wanted = digital_wanted = ports_due = channels_due = 0;
    reset_due = false;
}

void reports_reset(void)
{
    reset_due = true;
}

void reports_mode(uint8_t pin, uint8_t mode)
{
    modes[pin] = mode;
}

uint8_t pin_mode_of(uint8_t pin)
{
    return modes[pin];
}

bool pin_is_output(uint8_t pin)
{
    return modes[pin] == PIN_OUTPUT;
}

static uint8_t with_bit(uint8_t set, uint8_t bit, bool wanted)
{
    return (uint8_t)(wanted ? set | 1 << bit : set & ~(1 << bit));
}

void reports_analog(uint8_t wanted_channel, bool wanted)
{
    if (wanted_channel < ANALOG_COUNT && pin_is_free((uint8_t)(ANALOG_FIRST + wanted_channel)))
        analog_wanted = with_bit(analog_wanted, wanted_channel, wanted);
}

static uint8_t read_port(uint8_t port)
{
    uint8_t levels = 0;
    for (uint8_t i = 0; i < 8; i++) {
        uint8_t pin = (uint8_t)(port * 8 + i);
        bool input = pin < PIN_COUNT && (modes[pin] == PIN_INPUT || modes[pin] == PIN_PULLUP);
        if (input && pin_read(pin))
            levels |= (uint8_t)(1 << i);
    }
    return levels;
}

void reports_digital(uint8_t port, bool wanted)
{
    if (port >= PORTS)
        return;
    digital_wanted = with_bit(digital_wanted, port, wanted);
    ports[port] = read_port(port);
    ports_due = with_bit(ports_due, port, wanted);
}

bool reports_resetting(void)
{
    return reset_due;
}

static void watch_ports(void)
{
    for (uint8_t port = 0; port < PORTS; port++) {
        if (!(digital_wanted & 1 << port))
            continue;
        uint8_t levels = read_port(port);
        if (levels != ports[port])
            ports_due |= (uint8_t)(1 << port);
        ports[port] = levels;
    }
}

void reports_tick(void)
{
    if (reset_due)
        reports_start();
    if (digital_wanted)
        watch_ports();
    if (++period_ms < ANALOG_PERIOD_MS)
        return;
    period_ms = 0;
    channels_due = analog_wanted;
}

/* Guard frames have their room first. */
static bool has_room(void)
{
    return wire_room() >= LIMIT_FRAME_BYTES + REPORT_BYTES;
}

static void report(uint8_t command, uint16_t value)
{
    const uint8_t bytes[REPORT_BYTES] = {command, (uint8_t)(value & 0x7F), (uint8_t)(value >> 7 & 0x7F)};
    wire_send(bytes, sizeof bytes);
}

static void send_analog(void)
{
    uint16_t value;
    if (channel != NO_CHANNEL) {
        if (!pin_adc_done(&value) || !has_room())
            return;
        report((uint8_t)(ANALOG_VALUE | channel), value);
        channel = NO_CHANNEL;
    }
    for (uint8_t i = 0; i < ANALOG_COUNT; i++) {
        if (!(channels_due & 1 << i))
            continue;
        channels_due = with_bit(channels_due, i, false);
        if (!pin_is_free((uint8_t)(ANALOG_FIRST + i)))
            continue;
        channel = i;
        pin_adc_start(i);
        return;
    }
}

static void send_ports(void)
{
    for (uint8_t port = 0; port < PORTS; port++) {
        if (!(ports_due & 1 << port) || !has_room())
            continue;
        ports_due = with_bit(ports_due, port, false);
        report((uint8_t)(DIGITAL_PORT | port), ports[port]);
    }
}

void reports_send(void)
{
    if (ports_due)
        send_ports();
    if (channels_due || channel != NO_CHANNEL)
        send_analog();
}
