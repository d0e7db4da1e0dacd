#include "hal/avr/outputs.h"

#include <avr/io.h>

/* Between D7 and its latch: the one place that switches the actuator after the start. */
static void actuator_pin(bool on)
{
    if (on)
        ACTUATOR_PORT |= 1 << ACTUATOR_BIT;
    else
        ACTUATOR_PORT &= (uint8_t) ~(1 << ACTUATOR_BIT);
}

#ifdef BOARD_HAS_SERVO

/* 50 Hz in steps of 0.5 µs; the pulse is low while the compare output is disconnected. */
enum { SERVO_TOP = 39999 };

/* Closing takes power, so there is nothing to cut. */
void outputs_cut(void) {}

static void start_servo(void)
{
    SERVO_DDR |= 1 << SERVO_BIT;
    ICR1 = SERVO_TOP;
    TCCR1A = 1 << WGM11;
}

void outputs_actuator(const gate_t *gate)
{
    const servo_t *servo = &gate->servo;
    actuator_pin(servo->power);
    if (!servo->power) {
        TCCR1A = 1 << WGM11;
        TCCR1B = 0;
        TCNT1 = 0;
        return;
    }
    uint16_t pulse = (uint16_t)(2 * guard_setting_u16(&gate->guard, servo->open ? SETTING_SERVO_OPEN_AT : SETTING_SERVO_CLOSED_AT));
    if (OCR1A != pulse)
        OCR1A = pulse;
    TCCR1A = 1 << WGM11 | 1 << COM1A1;
    TCCR1B = 1 << WGM13 | 1 << WGM12 | 1 << CS11;
}

#else

static void start_servo(void) {}

void outputs_cut(void)
{
    actuator_pin(false);
}

void outputs_actuator(const gate_t *gate)
{
    actuator_pin(gate->guard.on);
}

#endif

void outputs_start(void)
{
    RED_DDR |= 1 << RED_BIT;
    GREEN_DDR |= 1 << GREEN_BIT;
    start_servo();
}

/* Dark and full are plain pins; only a level between them lets timer 2 run. */
void outputs_leds(leds_t leds)
{
    uint8_t compare = 0;
    if (leds.red == 255)
        RED_PORT |= 1 << RED_BIT;
    else
        RED_PORT &= (uint8_t) ~(1 << RED_BIT);
    if (leds.green == 255)
        GREEN_PORT |= 1 << GREEN_BIT;
    else
        GREEN_PORT &= (uint8_t) ~(1 << GREEN_BIT);
    if (leds.red && leds.red != 255)
        compare |= 1 << COM2B1;
    if (leds.green && leds.green != 255)
        compare |= 1 << COM2A1;
    OCR2B = leds.red;
    OCR2A = leds.green;
    TCCR2A = (uint8_t)(1 << WGM21 | 1 << WGM20 | compare);
    TCCR2B = compare ? 1 << CS22 : 0;
}
