/* What Firmata messages do. */
#ifndef EARLID_FIRMATA_MESSAGES_H
#define EARLID_FIRMATA_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DIGITAL_PORT = 0x90,
    REPORT_ANALOG = 0xC0,
    REPORT_DIGITAL = 0xD0,
    ANALOG_VALUE = 0xE0,
    SYSEX_BEGIN = 0xF0,
    SET_PIN_MODE = 0xF4,
    SET_PIN_VALUE = 0xF5,
    SYSEX_STOP = 0xF7,
    REPORT_VERSION = 0xF9,
    SYSTEM_RESET = 0xFF,
    ANALOG_MAPPING_QUERY = 0x69,
    ANALOG_MAPPING_RESPONSE = 0x6A,
    CAPABILITY_QUERY = 0x6B,
    CAPABILITY_RESPONSE = 0x6C,
    PIN_STATE_QUERY = 0x6D,
    PIN_STATE_RESPONSE = 0x6E,
    EXTENDED_ANALOG = 0x6F,
    STRING_DATA = 0x71,
    REPORT_FIRMWARE = 0x79,
    SAMPLING_INTERVAL = 0x7A,
};

/* No answer waits for room: the next message may be taken. */
bool messages_ready(void);

void messages_short(uint8_t command);
void messages_channel(uint8_t command, uint8_t first, uint8_t second);
void messages_sysex(uint8_t command, const uint8_t *data, uint8_t length);

/* Sends the answer that waits, as soon as the whole of it fits. */
void messages_send(void);

#endif
