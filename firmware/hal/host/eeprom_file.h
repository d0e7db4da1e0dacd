/* The EEPROM of a simulated gate in a file of its own, which holds its key and which only its owner may read. */
#ifndef EARLID_EEPROM_FILE_H
#define EARLID_EEPROM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "generated/protocol.h"

/* Opens the file of a gate in a folder, and reads it. `found`: it was there. Ends the process, and says why, when it is no EEPROM. */
int eeprom_file_open(const char *folder, const char *name, uint8_t eeprom[EEPROM_SIZE_BYTES], bool *found);

/* Writes so many bytes from this address on. False when they cannot be kept. */
bool eeprom_file_keep(int file, const uint8_t *eeprom, uint16_t address, uint16_t length);

#endif
