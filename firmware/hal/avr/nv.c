#include <avr/io.h>
#include <util/atomic.h>

#include "hal/hal.h"

bool nv_ready(void)
{
    return !(EECR & 1 << EEPE);
}

uint8_t nv_read(uint16_t address)
{
    EEAR = address;
    EECR |= 1 << EERE;
    return EEDR;
}

/* EEPE must follow EEMPE within four cycles. */
void nv_write(uint16_t address, uint8_t value)
{
    EEAR = address;
    EEDR = value;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        EECR = 1 << EEMPE;
        EECR = 1 << EEMPE | 1 << EEPE;
    }
}
