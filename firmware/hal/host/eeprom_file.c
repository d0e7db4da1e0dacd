#define _POSIX_C_SOURCE 200809L
#include "hal/host/eeprom_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void refuse(const char *path, const char *why)
{
    fprintf(stderr, "gates: %s: %s\n", path, why);
    exit(65);
}

int eeprom_file_open(const char *folder, const char *name, uint8_t eeprom[EEPROM_SIZE_BYTES], bool *found)
{
    char path[PATH_MAX];
    struct stat is;
    if (snprintf(path, sizeof path, "%s/%s.eeprom", folder, name) >= (int)sizeof path)
        refuse(folder, "too long");
    const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fstat(file, &is))
        refuse(path, strerror(errno));
    *found = is.st_size > 0;
    if (*found && (is.st_size != EEPROM_SIZE_BYTES || pread(file, eeprom, EEPROM_SIZE_BYTES, 0) != EEPROM_SIZE_BYTES))
        refuse(path, "no EEPROM of 1024 bytes; remove it for a new gate");
    return file;
}

bool eeprom_file_keep(int file, const uint8_t *eeprom, uint16_t address, uint16_t length)
{
    return pwrite(file, eeprom + address, length, address) == length;
}
