/* The serial port: a transmit ring, and received bytes handed over in the interrupt. */
#ifndef EARLID_UART_H
#define EARLID_UART_H

#include <stdint.h>

void uart_start(void);

/* Free room of the transmit ring in bytes. */
uint8_t uart_room(void);

/* Queues bytes; the caller has asked for room. */
void uart_send(const uint8_t *bytes, uint8_t length);

/* Called in the receive interrupt; defined by main.c. */
void uart_received(uint8_t byte);

#endif
