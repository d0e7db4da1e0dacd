/* The serial port. What it sends goes through hal/hal.h; what it receives raises USART_RX_vect. */
#ifndef EARLID_UART_H
#define EARLID_UART_H

void uart_start(void);

#endif
