#include "firmata/messages.h"

#include "firmata/reports.h"
#include "hal/hal.h"

/* The longest answer, the capabilities of 20 pins, is below this; it always fits an empty transmit ring. */
enum { ANSWER_ROOM = 126, NOTHING = 0, IGNORED = STRING_DATA };

static const IN_FLASH char firmware_name[] = "Earlid " BOARD_NAME;
static const IN_FLASH char ignored[] = "Earlid: ignored";

static uint8_t waiting; /* answer to send */
static uint8_t asked_pin;

static void put(uint8_t byte)
{
    wire_send(&byte, 1);
}

static void put_text(const IN_FLASH char *text)
{
    for (; *text; text++) {
        put((uint8_t)*text & 0x7F);
        put(0);
    }
}

bool messages_ready(void)
{
    return waiting == NOTHING && !reports_resetting();
}

static void write_port(uint8_t port, uint8_t mask)
{
    for (uint8_t i = 0; i < 8; i++) {
        uint8_t pin = (uint8_t)(port * 8 + i);
        if (pin < PIN_COUNT && pin_is_output(pin))
            pin_write(pin, mask & 1 << i);
    }
}

static void set_pin_mode(uint8_t pin, uint8_t mode)
{
    bool analog = mode == PIN_ANALOG && pin >= ANALOG_FIRST;
    bool plain = mode == PIN_INPUT || mode == PIN_OUTPUT || mode == PIN_PULLUP;
    if (!pin_is_free(pin) || !(plain || analog || (mode == PIN_PWM && pin_has_pwm(pin)))) {
        waiting = IGNORED;
        return;
    }
    pin_mode(pin, mode);
    reports_mode(pin, mode);
}

static void write_analog(uint8_t pin, uint16_t value)
{
    if (pin_is_free(pin) && pin_mode_of(pin) == PIN_PWM)
        pin_pwm(pin, value > 255 ? 255 : (uint8_t)value);
    else
        waiting = IGNORED;
}

void messages_short(uint8_t command)
{
    if (command == SYSTEM_RESET)
        reports_reset();
    else
        waiting = command == REPORT_VERSION ? REPORT_VERSION : IGNORED;
}

void messages_channel(uint8_t command, uint8_t first, uint8_t second)
{
    uint8_t channel = command & 0x0F;
    uint8_t value = (uint8_t)(first | second << 7);
    switch (command & 0xF0) {
    case DIGITAL_PORT:
        write_port(channel, value);
        return;
    case ANALOG_VALUE:
        write_analog(channel, (uint16_t)(first | (uint16_t)second << 7));
        return;
    case REPORT_ANALOG:
        reports_analog(channel, first);
        return;
    case REPORT_DIGITAL:
        reports_digital(channel, first);
        return;
    default:
        break;
    }
    if (command == SET_PIN_MODE)
        set_pin_mode(first, second);
    else if (pin_is_free(first) && pin_is_output(first))
        pin_write(first, second & 1);
    else
        waiting = IGNORED;
}

void messages_sysex(uint8_t command, const uint8_t *data, uint8_t length)
{
    switch (command) {
    case REPORT_FIRMWARE:
    case CAPABILITY_QUERY:
    case ANALOG_MAPPING_QUERY:
        waiting = command;
        break;
    case PIN_STATE_QUERY:
        asked_pin = length ? data[0] : PIN_COUNT;
        waiting = asked_pin < PIN_COUNT ? command : IGNORED;
        break;
    case EXTENDED_ANALOG:
        if (length >= 2)
            write_analog(data[0], (uint16_t)(data[1] | (length > 2 ? (uint16_t)data[2] << 7 : 0)));
        break;
    case SAMPLING_INTERVAL:
    case STRING_DATA:
        break;
    default:
        waiting = IGNORED;
    }
}

static void put_capabilities(uint8_t pin)
{
    static const uint8_t plain[] = {PIN_INPUT, 1, PIN_PULLUP, 1, PIN_OUTPUT, 1};
    if (pin_is_free(pin)) {
        wire_send(plain, sizeof plain);
        if (pin >= ANALOG_FIRST) {
            put(PIN_ANALOG);
            put(10);
        }
        if (pin_has_pwm(pin)) {
            put(PIN_PWM);
            put(8);
        }
    }
    put(0x7F);
}

static void put_pin_state(uint8_t pin)
{
    put(pin);
    if (!pin_is_free(pin))
        return;
    put(pin_mode_of(pin));
    put(pin_read(pin));
}

static void put_answer(uint8_t answer)
{
    put(SYSEX_BEGIN);
    switch (answer) {
    case CAPABILITY_QUERY:
        put(CAPABILITY_RESPONSE);
        for (uint8_t pin = 0; pin < PIN_COUNT; pin++)
            put_capabilities(pin);
        break;
    case ANALOG_MAPPING_QUERY:
        put(ANALOG_MAPPING_RESPONSE);
        for (uint8_t pin = 0; pin < PIN_COUNT; pin++)
            put(pin >= ANALOG_FIRST && pin_is_free(pin) ? (uint8_t)(pin - ANALOG_FIRST) : 0x7F);
        break;
    case PIN_STATE_QUERY:
        put(PIN_STATE_RESPONSE);
        put_pin_state(asked_pin);
        break;
    case REPORT_FIRMWARE:
        put(REPORT_FIRMWARE);
        put(2);
        put(6);
        put_text(firmware_name);
        break;
    default:
        put(STRING_DATA);
        put_text(ignored);
    }
    put(SYSEX_STOP);
}

void messages_send(void)
{
    if (waiting == NOTHING || wire_room() < ANSWER_ROOM)
        return;
    if (waiting == REPORT_VERSION) {
        static const uint8_t version[] = {REPORT_VERSION, 2, 6};
        wire_send(version, sizeof version);
    } else
        put_answer(waiting);
    waiting = NOTHING;
}
