/* Free pins. Every function goes through free_pin(): the guard's pins do not exist here (S1, design section 6). */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "hal/hal.h"

static uint32_t reserved; /* declared inputs, which are the guard's as well */

typedef struct {
    volatile uint8_t *pin; /* PINx; DDRx and PORTx follow it */
    uint8_t mask;
} free_pin_t;

static free_pin_t place(uint8_t pin)
{
    if (pin < 8)
        return (free_pin_t){&PIND, (uint8_t)(1 << pin)};
    if (pin < ANALOG_FIRST)
        return (free_pin_t){&PINB, (uint8_t)(1 << (pin - 8))};
    return (free_pin_t){&PINC, (uint8_t)(1 << (pin - ANALOG_FIRST))};
}

bool pin_is_guards(uint8_t pin)
{
    return pin >= PIN_COUNT || BOARD_GUARD_PINS & 1UL << pin;
}

bool pin_is_free(uint8_t pin)
{
    return !pin_is_guards(pin) && !(reserved & 1UL << pin);
}

static bool free_pin(uint8_t pin, free_pin_t *found)
{
    if (!pin_is_free(pin))
        return false;
    *found = place(pin);
    return true;
}

static void configure(free_pin_t at, bool output, bool high)
{
    volatile uint8_t *ddr = at.pin + 1, *port = at.pin + 2;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        *port = (uint8_t)(high ? *port | at.mask : *port & ~at.mask);
        *ddr = (uint8_t)(output ? *ddr | at.mask : *ddr & ~at.mask);
    }
}

bool pin_has_pwm(uint8_t pin)
{
    return pin_is_free(pin) && BOARD_PWM_PINS & 1UL << pin;
}

static void pwm_off(uint8_t pin)
{
    if (BOARD_PWM_PINS & 1UL << pin)
        TCCR1A &= (uint8_t) ~(pin == 9 ? 1 << COM1A1 : 1 << COM1B1);
}

void pin_mode(uint8_t pin, uint8_t mode)
{
    free_pin_t at;
    if (!free_pin(pin, &at))
        return;
    pwm_off(pin);
    configure(at, mode == PIN_OUTPUT || mode == PIN_PWM, mode == PIN_PULLUP);
}

void pin_write(uint8_t pin, bool level)
{
    free_pin_t at;
    if (!free_pin(pin, &at))
        return;
    volatile uint8_t *port = at.pin + 2;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    *port = (uint8_t)(level ? *port | at.mask : *port & ~at.mask);
}

bool pin_read(uint8_t pin)
{
    free_pin_t at;
    return free_pin(pin, &at) && *at.pin & at.mask;
}

/* Fast 8-bit PWM of timer 1 at 976 Hz; the boards file says where timer 1 is free. */
void pin_pwm(uint8_t pin, uint8_t level)
{
    if (!pin_has_pwm(pin))
        return;
    TCCR1B = 1 << WGM12 | 1 << CS11 | 1 << CS10;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        if (pin == 9)
            OCR1A = level;
        else
            OCR1B = level;
    }
    TCCR1A |= (uint8_t)(1 << WGM10 | (pin == 9 ? 1 << COM1A1 : 1 << COM1B1));
}

void pin_adc_start(uint8_t channel)
{
    if (!pin_is_free((uint8_t)(ANALOG_FIRST + channel)))
        return;
    ADMUX = (uint8_t)(1 << REFS0 | channel);
    ADCSRA = 1 << ADEN | 1 << ADSC | 1 << ADPS2 | 1 << ADPS1 | 1 << ADPS0;
}

bool pin_adc_done(uint16_t *value)
{
    if (ADCSRA & 1 << ADSC)
        return false;
    *value = ADC;
    return true;
}

void pin_reserve_input(uint8_t pin, bool pull_up)
{
    pin_mode(pin, pull_up ? PIN_PULLUP : PIN_INPUT);
    reserved |= 1UL << pin;
}

bool pin_read_input(uint8_t pin)
{
    if (pin_is_guards(pin))
        return false;
    free_pin_t at = place(pin);
    return *at.pin & at.mask;
}

void pins_release_inputs(void)
{
    reserved = 0;
}
