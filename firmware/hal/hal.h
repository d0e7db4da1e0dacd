/* What the core needs of a board. Each hal provides all of it; the core includes no other hardware header. */
#ifndef EARLID_HAL_H
#define EARLID_HAL_H

#include <stdbool.h>
#include <stdint.h>

/* Constant tables go here, so that they take no RAM where program memory is a space of its own. */
#ifdef __AVR__
#define IN_FLASH __flash
#else
#define IN_FLASH
#endif

/* Between these two the millisecond does not step the guard. After the first it knows every mute and edge so far; the second lets
 * the actuator follow. */
void guard_hold(void);
void guard_release(void);

/* EEPROM. A write takes some ms; while nv_ready() is false nothing may be read or written. */
bool nv_ready(void);
uint8_t nv_read(uint16_t address);
void nv_write(uint16_t address, uint8_t value);

/* Free pins, by their Arduino number. Every access to a pin that is the guard's is dropped (reads give 0). */
enum { PIN_COUNT = 20, ANALOG_FIRST = 14, ANALOG_COUNT = 6 };
enum { PIN_INPUT = 0, PIN_OUTPUT = 1, PIN_ANALOG = 2, PIN_PWM = 3, PIN_PULLUP = 11 }; /* Firmata's pin modes */
bool pin_is_free(uint8_t pin);
bool pin_is_guards(uint8_t pin); /* also true of pins that do not exist, not of declared inputs */
bool pin_has_pwm(uint8_t pin);
void pin_mode(uint8_t pin, uint8_t mode);
void pin_write(uint8_t pin, bool level);
bool pin_read(uint8_t pin);
void pin_pwm(uint8_t pin, uint8_t level);
void pin_adc_start(uint8_t channel);
bool pin_adc_done(uint16_t *value);

/* Takes a free pin for the guard (a declared input); released by pins_release_inputs(). */
void pin_reserve_input(uint8_t pin, bool pull_up);
bool pin_read_input(uint8_t pin);
void pins_release_inputs(void);

/* The serial wire: free room for bytes to send, and sending what fits in it. */
uint8_t wire_room(void);
void wire_send(const uint8_t *bytes, uint8_t length);

#endif
