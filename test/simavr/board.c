/* An Uno with its real bootloader on a pseudo-terminal, run by simavr: unlike the bench it can be flashed.
 *
 *   simavr-board --bootloader FILE.hex --pty PATH [--application FILE.hex] [--eeprom FILE] [--sense]
 *
 * PATH becomes a link to the device. Opening it resets the board, as on most real ones. The speed that the program at the device
 * has set counts: at another one than the board's own, bytes arrive as garbage both ways. Ends when its standard input ends.
 *
 * Lines on the standard input: `reset`, `press MS` (the button on D2), `unplug` and `plug` (USB with its power),
 * `stuck ADDRESS` (a byte of the flash that reads 0 from now on), `reset-at ADDRESS` and `unplug-at ADDRESS` (when that byte of the flash
 * is found erased, so in the middle of flashing). Lines it prints: `ready PATH`, `contact 0|1` (D7).
 * `--eeprom` is read at the start and kept up to date; `--sense` wires A0 to the contact. Emulated: the fuses are those of a stock Uno and only read, no brown-out.
 *
 * cc -O2 -o simavr-board board.c -lsimavr -lelf -lm  */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_eeprom.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>

enum { HZ = 16000000, STEP = HZ / 1000, UCSRA = 0xC0, UBRR = 0xC4, MCUSR = 0x54, PORF = 1, EXTRF = 2, SPMCSR = 0x57, RAM = 0x100, EEPROM = 1024 };
/* Debian's Optiboot is 20 bytes longer than its section: the flash gets room for its end. */
enum { FLASH_END = 0x80ff };

static avr_t *avr;
static avr_irq_t *uart_in;
static const char *pty_path, *eeprom_path;
static char device[64];
static int master = -1, openings, in_use, may_send, sense, port_d, direction_d, contact, stuck = -1, reset_at = -1, unplug_at = -1;
static unsigned now_ms, pressed_until;

static void fail(const char *what)
{
    fprintf(stderr, "simavr-board: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Intel hex; where records overlap the first counts. Returns the start address it names (record 03). */
static uint32_t load(const char *path)
{
    static uint8_t known[FLASH_END + 1];
    char line[600];
    uint32_t start = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    while (fgets(line, sizeof line, file)) {
        unsigned length, address, type, byte;
        if (sscanf(line, ":%2x%4x%2x", &length, &address, &type) != 3)
            continue;
        for (unsigned i = 0; i < length && sscanf(line + 9 + 2 * i, "%2x", &byte) == 1; i++) {
            uint32_t at = address + i;
            if (type == 3)
                start = start << 8 | byte;
            if (type == 0 && at <= FLASH_END && !known[at])
                avr->flash[at] = byte, known[at] = 1;
        }
    }
    fclose(file);
    return start;
}

static void external(char port, int bit, int value)
{
    avr_ioport_external_t pin = { .name = port, .mask = 1 << bit, .value = value << bit };
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &pin);
    avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit);
    /* A reset clears PIN, but not what simavr takes for the level: only a change of it arrives. */
    irq->value = !value;
    avr_raise_irq(irq, value);
}

static void actuator(avr_irq_t *irq, uint32_t value, void *is_direction)
{
    (void)irq;
    *(is_direction ? &direction_d : &port_d) = value;
    int now = (port_d & direction_d) >> 7 & 1;
    if (now == contact)
        return;
    contact = now;
    printf("contact %d\n", contact);
    if (sense)
        external('C', 0, contact);
}

/* What every reset does, also that of the watchdog. */
static void (*core_reset)(avr_t *);
static void wake(avr_t *unused)
{
    core_reset(unused);
    may_send = 1;
    actuator(0, 0, 0), actuator(0, 0, &avr);
    external('D', 2, !pressed_until);
    if (sense)
        external('C', 0, contact);
}

static void reset(uint8_t cause)
{
    if (cause == PORF)
        memset(avr->data + RAM, 0, avr->ramend + 1 - RAM);
    avr_reset(avr);
    avr->data[MCUSR] = cause;
}

static void plug(void)
{
    struct termios raw;
    if ((master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) < 0 || grantpt(master) || unlockpt(master))
        fail("pseudo-terminal");
    ptsname_r(master, device, sizeof device);
    tcgetattr(master, &raw);
    cfmakeraw(&raw);
    tcsetattr(master, TCSANOW, &raw);
    /* Only when it has been open once does reading tell that nobody has it open. */
    close(open(device, O_RDWR | O_NOCTTY));
    inotify_add_watch(openings, device, IN_OPEN);
    unlink(pty_path);
    if (symlink(device, pty_path))
        fail(pty_path);
    in_use = 0;
    reset(PORF);
    printf("ready %s\n", pty_path);
}

static void unplug(void)
{
    unlink(pty_path);
    close(master);
    master = -1;
    actuator(0, 0, 0);
}

static int other_speed(void)
{
    static const struct { speed_t speed; int baud; } speeds[] = { { B9600, 9600 }, { B19200, 19200 }, { B57600, 57600 }, { B115200, 115200 } };
    struct termios now;
    tcgetattr(master, &now);
    int own = HZ / (avr->data[UCSRA] & 2 ? 8 : 16) / ((avr->data[UBRR] | avr->data[UBRR + 1] << 8) + 1);
    for (unsigned i = 0; i < sizeof speeds / sizeof *speeds; i++)
        if (speeds[i].speed == cfgetospeed(&now))
            return abs(speeds[i].baud - own) > own / 20;
    return 1;
}

static void send_byte(avr_irq_t *irq, uint32_t value, void *unused)
{
    (void)irq, (void)unused;
    uint8_t byte = other_speed() ? value | 0x80 : value;
    if (in_use && write(master, &byte, 1) < 0 && errno != EAGAIN && errno != EIO)
        fail("write");
}

static void flow(avr_irq_t *irq, uint32_t value, void *on)
{
    (void)irq, (void)value;
    may_send = on != 0;
}

static int was_opened(void)
{
    char events[1024];
    int found = 0;
    while (read(openings, events, sizeof events) > 0)
        found = 1;
    return found;
}

static void poll_device(void)
{
    uint8_t bytes[16];
    if (master < 0)
        return;
    struct pollfd state = { .fd = master };
    poll(&state, 1, 0);
    in_use = !(state.revents & POLLHUP);
    /* A program that closes and another that opens may both come between two looks. */
    if (was_opened()) {
        reset(EXTRF);
        /* It shall not find what the last one left unread. */
        int slave = open(device, O_RDWR | O_NOCTTY);
        tcflush(slave, TCIFLUSH);
        was_opened();
        close(slave);
    }
    ssize_t got = may_send ? read(master, bytes, sizeof bytes) : 0;
    int garbled = got > 0 && other_speed();
    for (ssize_t i = 0; i < got; i++)
        avr_raise_irq(uart_in, garbled ? (bytes[i] ^ 0x55) | 0x80 : bytes[i]);
}

static void obey(void)
{
    static char line[80];
    struct pollfd input = { .fd = 0, .events = POLLIN };
    if (poll(&input, 1, 0) <= 0)
        return;
    if (!fgets(line, sizeof line, stdin)) {
        unplug();
        exit(0);
    }
    if (!strcmp(line, "reset\n"))
        reset(EXTRF);
    else if (!strncmp(line, "press ", 6))
        pressed_until = now_ms + 1 + (unsigned)atoi(line + 6), external('D', 2, 0);
    else if (!strncmp(line, "stuck ", 6))
        stuck = strtol(line + 6, 0, 0) & 0x7fff;
    else if (!strncmp(line, "reset-at ", 9))
        reset_at = strtol(line + 9, 0, 0) & 0x7fff;
    else if (!strncmp(line, "unplug-at ", 10))
        unplug_at = strtol(line + 10, 0, 0) & 0x7fff;
    else if (!strcmp(line, "unplug\n") && master >= 0)
        unplug();
    else if (!strcmp(line, "plug\n") && master < 0)
        plug();
    else
        fprintf(stderr, "simavr-board: what is %s", line);
}

static void keep_eeprom(int write_it)
{
    static uint8_t last[EEPROM];
    uint8_t now[EEPROM];
    avr_eeprom_desc_t all = { .ee = now, .size = EEPROM };
    avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &all);
    if (!eeprom_path || (write_it && !memcmp(last, now, EEPROM)))
        return;
    FILE *file = fopen(eeprom_path, write_it ? "w" : "r");
    if (file && write_it)
        fwrite(now, 1, EEPROM, file);
    else if (file && fread(now, 1, EEPROM, file) == EEPROM)
        avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &all);
    if (file)
        fclose(file);
    memcpy(last, now, EEPROM);
}

static void sleep_not(avr_t *unused, avr_cycle_count_t cycles)
{
    (void)unused, (void)cycles;
}

/* Low, lock, extended (brown-out at 2.7 V) and high (behind a bootloader), as on a stock Uno. */
static const uint8_t FUSES[] = {0xff, 0xcf, 0xfd, 0xde};

/* The next instruction is an LPM that the chip answers with a fuse, simavr with a byte of the flash. -1: it is none. */
static int fuse_asked_for(void)
{
    uint16_t instruction = avr->flash[avr->pc] | avr->flash[avr->pc + 1] << 8;
    bool is_lpm = (instruction & 0xfe0f) == 0x9004;
    return is_lpm && (avr->data[SPMCSR] & 9) == 9 ? avr->data[30] & 3 : -1;
}

/* One millisecond. Where nothing was written nothing is done until a reset; simavr would end there. */
static void run(void)
{
    /* A reset begins to count anew. */
    for (avr_cycle_count_t begin = avr->cycle; avr->cycle >= begin && avr->cycle < begin + STEP;) {
        if (avr->flash[avr->pc] == 0xff && avr->flash[avr->pc + 1] == 0xff) {
            avr->cycle++;
            continue;
        }
        if (reset_at >= 0 && avr->flash[reset_at] == 0xff)
            reset_at = -1, reset(EXTRF);
        if (unplug_at >= 0 && avr->flash[unplug_at] == 0xff) {
            unplug_at = -1, unplug();
            return;
        }
        int fuse = fuse_asked_for(), into = (avr->flash[avr->pc + 1] << 4 | avr->flash[avr->pc] >> 4) & 31;
        int state = avr_run(avr);
        if (fuse >= 0)
            avr->data[into] = FUSES[fuse];
        if (state == cpu_Crashed || state == cpu_Done) {
            fprintf(stderr, "simavr-board: stopped at %04x\n", avr->pc);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    const char *bootloader = 0, *application = 0;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--sense"))
            sense = 1;
        else if (i + 1 < argc && !strcmp(argv[i], "--bootloader"))
            bootloader = argv[++i];
        else if (i + 1 < argc && !strcmp(argv[i], "--application"))
            application = argv[++i];
        else if (i + 1 < argc && !strcmp(argv[i], "--pty"))
            pty_path = argv[++i];
        else if (i + 1 < argc && !strcmp(argv[i], "--eeprom"))
            eeprom_path = argv[++i];
        else
            return fprintf(stderr, "simavr-board: what is %s?\n", argv[i]), 64;
    }
    if (!bootloader || !pty_path)
        return fprintf(stderr, "simavr-board: --bootloader and --pty are needed\n"), 64;
    setvbuf(stdout, 0, _IOLBF, 0);
    setvbuf(stdin, 0, _IONBF, 0);
    avr = avr_make_mcu_by_name("atmega328p");
    avr->flashend = FLASH_END;
    avr_init(avr);
    avr->frequency = HZ;
    avr->sleep = sleep_not;
    core_reset = avr->reset;
    avr->reset = wake;
    avr->log = LOG_NONE;
    memset(avr->flash, 0xff, FLASH_END + 1);
    if (application)
        load(application);
    avr->reset_pc = avr->codeend = load(bootloader);
    avr->codeend = FLASH_END;
    keep_eeprom(0);
    uint32_t no_flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &no_flags);
    uart_in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), send_byte, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), flow, &avr);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), flow, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), IOPORT_IRQ_REG_PORT), actuator, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), IOPORT_IRQ_DIRECTION_ALL), actuator, &avr);
    openings = inotify_init1(IN_NONBLOCK);
    plug();
    struct timespec next, now;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (now_ms = 1;; now_ms++) {
        if (master >= 0)
            run();
        if (pressed_until && now_ms >= pressed_until)
            pressed_until = 0, external('D', 2, 1);
        if (stuck >= 0)
            avr->flash[stuck] = 0;
        poll_device();
        obey();
        if (now_ms % 100 == 0)
            keep_eeprom(1);
        next.tv_nsec += 1000000;
        if (next.tv_nsec >= 1000000000)
            next.tv_nsec -= 1000000000, next.tv_sec++;
        /* On a busy machine the board is late rather than hurried: a bootloader waits a second for a program that is late, too. */
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - next.tv_sec) * 1000 + (now.tv_nsec - next.tv_nsec) / 1000000 > 20)
            next = now;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, 0);
    }
}
