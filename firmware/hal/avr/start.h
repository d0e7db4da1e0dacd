#ifndef EARLID_START_H
#define EARLID_START_H

#include <stdint.h>

/* MCUSR as the reset left it; 0 when a bootloader has cleared it. */
extern uint8_t reset_flags;

#endif
