/*
 * The program of the node tests' container images, and so of the pods that they run. It says its words and waits until it is told to end.
 * tcp:ADDRESS:PORT is connected to, and said with "connected" once the other side has answered; end is the end of it.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) { (void)signal; _exit(0); }

static void reap(int signal) { (void)signal; while (waitpid(-1, NULL, WNOHANG) > 0); }

static int connects(const char *target) {
  char address[INET_ADDRSTRLEN];
  const char *colon = strchr(target, ':');
  if (!colon || (size_t)(colon - target) >= sizeof address) return 0;
  memcpy(address, target, colon - target);
  address[colon - target] = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return 0;
  /* The network of a container may be a moment behind its start. */
  for (int attempt = 0; attempt < 20; attempt++) {
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    int failed = connect(connection, (struct sockaddr *)&to, sizeof to);
    close(connection);
    if (!failed) return 1;
    sleep(1);
  }
  return 0;
}

int main(int count, char **words) {
  struct sigaction ends = {.sa_handler = end}, reaps = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  if (sigaction(SIGINT, &ends, NULL) || sigaction(SIGTERM, &ends, NULL) || sigaction(SIGCHLD, &reaps, NULL)) return 1;
  for (int i = 1; i < count; i++) {
    if (!strcmp(words[i], "end")) return 0;
    if (strncmp(words[i], "tcp:", 4)) puts(words[i]);
    else printf("%s %s\n", words[i], connects(words[i] + 4) ? "connected" : "not connected");
    fflush(stdout);
  }
  for (;;) pause();
}
