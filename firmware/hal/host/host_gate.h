/* One gate of the host build: the core on simulated pins, its EEPROM in memory. Time, pins and bytes are passed in, so that a
 * program may hold as many gates as it likes. */
#ifndef EARLID_HOST_GATE_H
#define EARLID_HOST_GATE_H

#include "core/channel.h"
#include "hal/hal.h"

/* Arduino numbers of the pins in boards/uno.h, and of the servo's signal in boards/uno-servo.h. */
enum { PIN_BUTTON = 2, PIN_SERVO_SIGNAL = 9, PIN_SENSE = 14 };

/* What drives a pin from outside. */
typedef enum { DRIVE_LOW, DRIVE_HIGH, DRIVE_FLOAT } drive_t;

typedef struct host_gate {
    gate_t gate;
    history_t history; /* outlives a restart, as RAM outlives a reset */
    parser_t parser;
    channel_t channel;
    bool running;

    uint8_t eeprom[EEPROM_SIZE_BYTES];
    bool writing; /* host_nv_finish() ends it */
    uint16_t write_address;
    uint8_t write_value;

    uint8_t drives[PIN_COUNT]; /* drive_t */
    uint32_t pull_ups;
    uint32_t reserved; /* declared inputs */

    bool actuator;        /* the relay's or the servo's transistor */
    uint16_t pulse_steps; /* of the servo's signal in half µs; 0 none */
    leds_t leds;
    uint8_t led_ms;

    uint8_t slices; /* of work at authenticators that a ms has time for; 0: any number */

    bool (*has_room)(struct host_gate *); /* a whole frame may be sent */
    void (*send)(struct host_gate *, const uint8_t *frame, uint8_t length);
} host_gate_t;

/* A new gate without supply: EEPROM erased, all pins float. */
void host_init(host_gate_t *host);

/* The first instruction after a reset; history and EEPROM are as the reset left them. */
void host_start(host_gate_t *host, const board_facts_t *facts);

/* A reset, or no supply: nothing is driven. */
void host_hold(host_gate_t *host);

/* A ms has passed. */
void host_tick(host_gate_t *host);

/* A byte has come over the wire. */
void host_receive(host_gate_t *host, uint8_t byte);

void host_drive(host_gate_t *host, uint8_t pin, drive_t drive);

/* The write under way has ended and left this value. */
void host_nv_finish(host_gate_t *host, uint8_t value);

#endif
