/* Counts every change that a process makes to files below one folder, and makes one of them go wrong.
 *
 * Loaded by LD_PRELOAD; all processes that have it share one mapped file (SHIM_STATE, laid out as in
 * shim.py), so operations are numbered across processes. Before operation number `at` happens, `action`
 * says what does: the process is killed, or half of the write is done and the process is killed, or the
 * operation fails with an error. With `log` set, each operation is written down with its data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FAIL_ONCE, FAIL_ON };

struct state {
    _Atomic int64_t count;
    int64_t at;
    int64_t action;
    int64_t error;
    int64_t log;
    _Atomic int64_t lock;
    char folder[512];
    char log_path[512];
};

static struct state *state;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SHIM_STATE");
    if (!path) return;
    int (*open_)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = open_(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) state = mapped;
}

#define NEXT(name) static __typeof__(name) *next_; if (!next_) next_ = dlsym(RTLD_NEXT, #name)

static int watched(const char *path) {
    if (!state || !state->folder[0]) return 0;
    size_t length = strlen(state->folder);
    return !strncmp(path, state->folder, length) && (path[length] == '/' || !path[length]);
}

/* The absolute path of a name, as far as it can be said without following links. */
static const char *absolute(int folder, const char *path, char *into) {
    if (path[0] == '/') return path;
    char base[PATH_MAX], link[64];
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return "";
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return "";
        base[length] = 0;
    }
    if (snprintf(into, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return "";
    return into;
}

static const char *path_of(int fd, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, into, PATH_MAX - 1);
    if (length < 0) return "";
    into[length] = 0;
    return into;
}

/* One record of the log: a line, then the data. */
static void note(const char *what, const char *path, const char *other, int64_t offset, const void *data, size_t length) {
    static ssize_t (*write_)(int, const void *, size_t);
    static int (*open_)(const char *, int, ...);
    if (!write_) { write_ = dlsym(RTLD_NEXT, "write"); open_ = dlsym(RTLD_NEXT, "open"); }
    char line[2 * PATH_MAX + 128];
    int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%lld\t%zu\n", what, path, other, (long long)offset, data ? length : 0);
    int fd = open_(state->log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) abort();
    if (write_(fd, line, size) != size) abort();
    for (size_t done = 0; data && done < length;) {
        ssize_t wrote = write_(fd, (const char *)data + done, length - done);
        if (wrote < 0) abort();
        done += wrote;
    }
    close(fd);
}

static void hold(void) { int64_t free_ = 0; while (!atomic_compare_exchange_weak(&state->lock, &free_, 1)) { free_ = 0; sched_yield(); } }
static void let_go(void) { atomic_store(&state->lock, 0); }

/* Called before each operation: -1 if it is to fail, else the action that is due, or 0. A full disk
 * hinders nobody who removes something. */
static int due(const char *what) {
    int64_t number = atomic_fetch_add(&state->count, 1);
    if (state->error == ENOSPC && (!strcmp(what, "unlink") || !strcmp(what, "rmdir"))) return 0;
    if (state->action == KILL && number == state->at) { kill(getpid(), SIGKILL); pause(); }
    if (state->action == TEAR && number == state->at) return TEAR;
    if ((state->action == FAIL_ONCE && number == state->at) || (state->action == FAIL_ON && number >= state->at)) {
        errno = (int)state->error;
        return -1;
    }
    return 0;
}

static void die(void) { kill(getpid(), SIGKILL); pause(); }

/* An operation without data: counted, perhaps refused, done, written down. */
#define SIMPLE(path, other, what, offset, call) do { \
    int due_ = due(what); \
    if (due_ < 0) return -1; \
    if (due_ == TEAR) die(); \
    if (!state->log) return call; \
    hold(); \
    __typeof__(call) result_ = call; \
    int kept_ = errno; \
    if (result_ == 0) note(what, path, other, offset, NULL, 0); \
    let_go(); \
    errno = kept_; \
    return result_; \
} while (0)

static int makes(int flags) { return (flags & (O_CREAT | O_TRUNC)) && (flags & (O_WRONLY | O_RDWR | O_CREAT)); }

static int open_at(int folder, const char *name, int flags, mode_t mode, int (*open_)(int, const char *, int, ...)) {
    char buffer[PATH_MAX];
    const char *path = absolute(folder, name, buffer);
    struct stat found;
    int there = makes(flags) && watched(path) && !stat(path, &found);
    /* Opening what is there changes nothing, unless it is cut. */
    if (!makes(flags) || !watched(path) || (there && !((flags & O_TRUNC) && found.st_size)))
        return open_(folder, name, flags, mode);
    int due_ = due("create");
    if (due_ < 0) return -1;
    if (due_ == TEAR) die();
    if (!state->log) return open_(folder, name, flags, mode);
    hold();
    int fd = open_(folder, name, flags, mode);
    int kept = errno;
    if (fd >= 0) note(there ? "cut" : "create", path, "", 0, NULL, 0);
    let_go();
    errno = kept;
    return fd;
}

#define OPEN(name, ...) int name(__VA_ARGS__)
#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
#define REAL static int (*real)(int, const char *, int, ...); if (!real) real = dlsym(RTLD_NEXT, "openat64")

OPEN(open, const char *path, int flags, ...) { MODE REAL; return open_at(AT_FDCWD, path, flags, mode, real); }
OPEN(open64, const char *path, int flags, ...) { MODE REAL; return open_at(AT_FDCWD, path, flags, mode, real); }
OPEN(openat, int folder, const char *path, int flags, ...) { MODE REAL; return open_at(folder, path, flags, mode, real); }
OPEN(openat64, int folder, const char *path, int flags, ...) { MODE REAL; return open_at(folder, path, flags, mode, real); }

/* A write: counted, perhaps refused or torn in its middle, done, written down. */
static ssize_t write_at(int fd, const void *data, size_t length, off64_t offset, int placed) {
    static ssize_t (*write_)(int, const void *, size_t);
    static ssize_t (*pwrite_)(int, const void *, size_t, off64_t);
    if (!write_) { write_ = dlsym(RTLD_NEXT, "write"); pwrite_ = dlsym(RTLD_NEXT, "pwrite64"); }
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path)))
        return placed ? pwrite_(fd, data, length, offset) : write_(fd, data, length);
    int due_ = due("write");
    if (due_ < 0) return -1;
    if (due_ == TEAR) {
        if (placed) pwrite_(fd, data, length / 2, offset); else write_(fd, data, length / 2);
        die();
    }
    if (!state->log) return placed ? pwrite_(fd, data, length, offset) : write_(fd, data, length);
    hold();
    struct stat found;
    if (!placed) offset = (fcntl(fd, F_GETFL) & O_APPEND) && !fstat(fd, &found) ? found.st_size : lseek64(fd, 0, SEEK_CUR);
    ssize_t wrote = placed ? pwrite_(fd, data, length, offset) : write_(fd, data, length);
    int kept = errno;
    if (wrote > 0) note("write", path, "", offset, data, wrote);
    let_go();
    errno = kept;
    return wrote;
}

ssize_t write(int fd, const void *data, size_t length) { return write_at(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_at(fd, data, length, offset, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return write_at(fd, data, length, offset, 1); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
    NEXT(writev);
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path))) return next_(fd, parts, count);
    return count ? write_at(fd, parts[0].iov_base, parts[0].iov_len, 0, 0) : 0; /* A short write is one. */
}
/* Copies inside the kernel are refused, so that whoever copies writes. */
ssize_t sendfile(int to, int from, off_t *offset, size_t length) { errno = ENOTSOCK; return -1; (void)to; (void)from; (void)offset; (void)length; }
ssize_t sendfile64(int to, int from, off64_t *offset, size_t length) { errno = ENOTSOCK; return -1; (void)to; (void)from; (void)offset; (void)length; }
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t length, unsigned flags) { errno = EXDEV; return -1; (void)from; (void)a; (void)to; (void)b; (void)length; (void)flags; }

int fsync(int fd) {
    NEXT(fsync);
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path))) return next_(fd);
    SIMPLE(path, "", "sync", 0, next_(fd));
}
int fdatasync(int fd) {
    NEXT(fdatasync);
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path))) return next_(fd);
    SIMPLE(path, "", "sync", 0, next_(fd));
}

static int cut(int fd, off64_t length) {
    static int (*next_)(int, off64_t);
    if (!next_) next_ = dlsym(RTLD_NEXT, "ftruncate64");
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path))) return next_(fd, length);
    SIMPLE(path, "", "cut", length, next_(fd, length));
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }
int posix_fallocate(int fd, off_t offset, off_t length) {
    NEXT(posix_fallocate);
    char path[PATH_MAX];
    if (!state || !state->folder[0] || !watched(path_of(fd, path))) return next_(fd, offset, length);
    return due("write") < 0 ? errno : next_(fd, offset, length);
}
int fallocate(int fd, int mode, off_t offset, off_t length) { (void)fd; (void)mode; (void)offset; (void)length; errno = EOPNOTSUPP; return -1; }

#define NAMED(name, what, parameters, folder, path_, ...) int name parameters { \
    NEXT(name); \
    char buffer[PATH_MAX]; \
    const char *full = absolute(folder, path_, buffer); \
    if (!watched(full)) return next_(__VA_ARGS__); \
    SIMPLE(full, "", what, 0, next_(__VA_ARGS__)); \
}
NAMED(unlink, "unlink", (const char *path), AT_FDCWD, path, path)
NAMED(rmdir, "rmdir", (const char *path), AT_FDCWD, path, path)
NAMED(mkdir, "mkdir", (const char *path, mode_t mode), AT_FDCWD, path, path, mode)
NAMED(mkdirat, "mkdir", (int folder, const char *path, mode_t mode), folder, path, folder, path, mode)
NAMED(unlinkat, (flags & AT_REMOVEDIR) ? "rmdir" : "unlink", (int folder, const char *path, int flags), folder, path, folder, path, flags)

#define MOVED(name, parameters, from_folder, from, to_folder, to, ...) int name parameters { \
    NEXT(name); \
    char first[PATH_MAX], second[PATH_MAX]; \
    const char *old = absolute(from_folder, from, first), *new = absolute(to_folder, to, second); \
    if (!watched(old) && !watched(new)) return next_(__VA_ARGS__); \
    SIMPLE(old, new, "rename", 0, next_(__VA_ARGS__)); \
}
MOVED(rename, (const char *from, const char *to), AT_FDCWD, from, AT_FDCWD, to, from, to)
MOVED(renameat, (int a, const char *from, int b, const char *to), a, from, b, to, a, from, b, to)
MOVED(renameat2, (int a, const char *from, int b, const char *to, unsigned flags), a, from, b, to, a, from, b, to, flags)
