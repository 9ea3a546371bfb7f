/* Runs a program N times and prints, for each run, wall time and CPU time in microseconds and peak memory in KiB.
 * It is small on purpose: a child's peak memory begins with that of the process that started it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long micro(struct timeval t) { return t.tv_sec * 1000000L + t.tv_usec; }

int main(int argc, char **argv)
{
    if (argc < 4) { fprintf(stderr, "usage: launch RUNS BEFORE PROGRAM [ARGUMENT...]\n"); return 2; }
    int runs = atoi(argv[1]);
    for (int i = 0; i < runs; i++) {
        if (argv[2][0] && system(argv[2])) { fprintf(stderr, "failed: %s\n", argv[2]); return 1; }
        struct timespec from, to;
        struct rusage use;
        int status;
        clock_gettime(CLOCK_MONOTONIC, &from);
        pid_t child = vfork();
        if (child == 0) {
            int null = open("/dev/null", O_WRONLY);
            dup2(null, 1);
            execvp(argv[3], argv + 3);
            _exit(127);
        }
        wait4(child, &status, 0, &use);
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (status) { fprintf(stderr, "%s ended with status %d\n", argv[3], status); return 1; }
        printf("%ld %ld %ld\n", (to.tv_sec - from.tv_sec) * 1000000L + (to.tv_nsec - from.tv_nsec) / 1000,
               micro(use.ru_utime) + micro(use.ru_stime), use.ru_maxrss);
    }
    return 0;
}
