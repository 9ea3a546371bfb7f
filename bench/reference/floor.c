/* The least work of a join: an IMDSv2 token, five reads one after the other on one connection, and twelve files written
 * through a temporary name. Usage: floor PORT DIRECTORY */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connection;
static char answer[65536];

static char *ask(const char *request)
{
    size_t have = 0;
    if (write(connection, request, strlen(request)) < 0) { perror("write"); exit(1); }
    for (;;) {
        ssize_t got = read(connection, answer + have, sizeof answer - 1 - have);
        if (got <= 0) { fprintf(stderr, "the connection ended\n"); exit(1); }
        have += (size_t)got;
        answer[have] = 0;
        char *body = strstr(answer, "\r\n\r\n");
        char *length = strcasestr(answer, "content-length:");
        if (body && length && have >= (size_t)(body + 4 - answer) + strtoul(length + 15, 0, 10)) return body + 4;
    }
}

int main(int argc, char **argv)
{
    static const char *paths[] = {"user-data", "dynamic/instance-identity/document", "meta-data/mac", "meta-data/local-ipv4", "meta-data/instance-id"};
    char request[4096], token[512], path[512], temporary[600];
    if (argc != 3) return 2;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
    snprintf(token, sizeof token, "%s", ask("PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0\r\n\r\n"));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(request, sizeof request, "GET /latest/%s HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: %s\r\n\r\n", paths[i], token);
        ask(request);
    }
    for (int i = 0; i < 12; i++) {
        snprintf(path, sizeof path, "%s/%d", argv[2], i);
        snprintf(temporary, sizeof temporary, "%s~", path);
        int file = open(temporary, O_CREAT | O_WRONLY | O_TRUNC, 0644);
        if (file < 0 || write(file, answer, 1000) < 0) { perror(temporary); return 1; }
        close(file);
        if (rename(temporary, path)) { perror(path); return 1; }
    }
    return 0;
}
