/* Uno or Nano with a servo that moves a shutter or a slide switch (docs/protocol.md has the table). */
#ifndef EARLID_BOARD_H
#define EARLID_BOARD_H

#include "boards/uno.h"

#define BOARD_NAME "uno-servo"
#define BOARD_PRODUCT PRODUCT_UNO_SERVO
/* D7 powers the servo. */
#define BOARD_HAS_SERVO 1

/* D9 (OC1A): the servo's signal. */
#define SERVO_DDR DDRB
#define SERVO_BIT 1

#define BOARD_GUARD_PINS (UNO_GUARD_PINS | BIT_OF(9))
/* Timer 1 makes the servo's pulses, so nothing is left for PWM. */
#define BOARD_PWM_PINS 0UL

#endif
