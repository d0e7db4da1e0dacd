/* What every build on an Uno or Nano has in the same place. */
#ifndef EARLID_BOARD_UNO_H
#define EARLID_BOARD_UNO_H

/* D7: the actuator's transistor; high energises. A pull-down keeps it off while the pin floats. */
#define ACTUATOR_PORT PORTD
#define ACTUATOR_DDR DDRD
#define ACTUATOR_BIT 7

/* D2 to ground, internal pull-up, INT0. */
#define BUTTON_PIN PIND
#define BUTTON_PORT PORTD
#define BUTTON_BIT 2

/* A0: the load side of a contact, or the closed switch of a servo to ground. The pull-up makes a broken wire read as hearing. */
#define SENSE_PIN PINC
#define SENSE_PORT PORTC
#define SENSE_BIT 0

/* Red D3 (OC2B) and green D11 (OC2A), high is lit. */
#define RED_PORT PORTD
#define RED_DDR DDRD
#define RED_BIT 3
#define GREEN_PORT PORTB
#define GREEN_DDR DDRB
#define GREEN_BIT 3

#define BIT_OF(pin) (1UL << (pin))
#define UNO_GUARD_PINS (BIT_OF(0) | BIT_OF(1) | BIT_OF(2) | BIT_OF(3) | BIT_OF(7) | BIT_OF(11) | BIT_OF(14))

#endif
