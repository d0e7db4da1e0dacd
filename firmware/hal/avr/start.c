/* The first instructions after a reset, before the C runtime has set up anything: registers, RAM and stack are not usable yet. */
#include <avr/io.h>
#include <avr/wdt.h>
#include <stdint.h>

#include "hal/avr/start.h"

uint8_t reset_flags __attribute__((section(".noinit")));

/* S1: the actuator is driven off before anything else: latch, then direction, then latch again. */
__attribute__((naked, used, section(".init0"))) void start_actuator_off(void)
{
    ACTUATOR_PORT &= (uint8_t) ~(1 << ACTUATOR_BIT);
    ACTUATOR_DDR |= 1 << ACTUATOR_BIT;
    ACTUATOR_PORT &= (uint8_t) ~(1 << ACTUATOR_BIT);
}

/* After a watchdog reset the watchdog runs on with its shortest time; it must be told off before RAM is set up. */
__attribute__((naked, used, section(".init3"))) void start_read_reset_cause(void)
{
    reset_flags = MCUSR;
    MCUSR = 0;
    wdt_disable();
}
