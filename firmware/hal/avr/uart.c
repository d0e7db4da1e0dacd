#include "hal/avr/uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "generated/protocol.h"
#include "hal/hal.h"

/* A power of two; the indices count on and are cut when used. */
enum { RING = 128 };
static uint8_t ring[RING];
static volatile uint8_t head, tail;

void uart_start(void)
{
    UCSR0A = 1 << U2X0;
    UBRR0 = (uint16_t)(F_CPU / 8 / LIMIT_BAUD - 1);
    UCSR0C = 1 << UCSZ01 | 1 << UCSZ00;
    UCSR0B = 1 << RXCIE0 | 1 << RXEN0 | 1 << TXEN0;
}

uint8_t wire_room(void)
{
    return (uint8_t)(RING - (uint8_t)(head - tail));
}

void wire_send(const uint8_t *bytes, uint8_t length)
{
    uint8_t at = head;
    while (length--)
        ring[at++ % RING] = *bytes++;
    head = at;
    UCSR0B |= 1 << UDRIE0;
}

ISR(USART_UDRE_vect)
{
    if (head == tail) {
        UCSR0B &= (uint8_t) ~(1 << UDRIE0);
        return;
    }
    UDR0 = ring[tail++ % RING];
}
