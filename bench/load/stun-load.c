// Closed-loop load of STUN Binding requests (RFC 8489) over UDP, for bench/stun.ts, which compiles it.
//
//   stun-load <IPv4 address> <port> <server's pid> <sockets> <requests under way per socket> <seconds>
//
// Every answer is checked (success response, cookie, transaction id, XOR-MAPPED-ADDRESS with the socket's own port)
// and is followed by the next request on its socket. After a second to warm up it counts for the given time, reads
// the server's CPU time from /proc at both ends, and prints one line of JSON.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_BATCH 64
#define MAX_SOCKETS 1024
#define HEADER 20
#define LOST_AFTER 0.2

static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};

struct flow {
  int fd;
  uint16_t port;
  uint32_t sent;
  int outstanding;
  double last;
};

static struct flow flows[MAX_SOCKETS];
static uint64_t answered, wrong, lost;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

// User and system time of all threads of the process, in seconds.
static double cpu_seconds(const char *pid) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file || !fgets(line, sizeof line, file)) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  fclose(file);
  unsigned long user = 0, system = 0;
  // The command's name may hold anything but ends at the last parenthesis.
  sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static void send_requests(struct flow *flow, int count) {
  static uint8_t messages[MAX_BATCH][HEADER];
  static struct iovec vectors[MAX_BATCH];
  static struct mmsghdr headers[MAX_BATCH];
  for (int i = 0; i < count; i++) {
    uint8_t *m = messages[i];
    memset(m, 0, HEADER);
    m[1] = 0x01;
    memcpy(m + 4, cookie, 4);
    uint32_t id = flow->sent++;
    memcpy(m + 8, &id, 4);
    memcpy(m + 12, &flow->port, 2);
    vectors[i] = (struct iovec){m, HEADER};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  int done = sendmmsg(flow->fd, headers, count, 0);
  if (done > 0) flow->outstanding += done;
}

static int is_answer(const struct flow *flow, const uint8_t *m, int length) {
  if (length < HEADER || m[0] != 0x01 || m[1] != 0x01 || memcmp(m + 4, cookie, 4) != 0) return 0;
  if (memcmp(m + 12, &flow->port, 2) != 0 || ((m[2] << 8) | m[3]) != length - HEADER) return 0;
  for (int at = HEADER; at + 4 <= length; at += 4 + ((((m[at + 2] << 8) | m[at + 3]) + 3) & ~3)) {
    if (m[at] != 0x00 || m[at + 1] != 0x20) continue;
    return at + 12 <= length && m[at + 5] == 1 && (((m[at + 6] << 8) | m[at + 7]) ^ 0x2112) == ntohs(flow->port);
  }
  return 0;
}

static void receive(struct flow *flow, int window) {
  static uint8_t messages[MAX_BATCH][512];
  static struct iovec vectors[MAX_BATCH];
  static struct mmsghdr headers[MAX_BATCH];
  for (int i = 0; i < MAX_BATCH; i++) {
    vectors[i] = (struct iovec){messages[i], sizeof messages[i]};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(flow->fd, headers, window < MAX_BATCH ? window : MAX_BATCH, MSG_DONTWAIT, NULL);
  if (count <= 0) return;
  for (int i = 0; i < count; i++) {
    if (is_answer(flow, messages[i], (int)headers[i].msg_len)) answered++;
    else wrong++;
  }
  flow->last = now();
  flow->outstanding -= count;
  // What was given up may still be answered.
  if (flow->outstanding < 0) flow->outstanding = 0;
  send_requests(flow, window - flow->outstanding);
}

static void give_up_lost(int sockets, int window) {
  double time = now();
  for (int i = 0; i < sockets; i++) {
    if (time - flows[i].last < LOST_AFTER) continue;
    lost += flows[i].outstanding;
    flows[i].outstanding = 0;
    flows[i].last = time;
    send_requests(&flows[i], window);
  }
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "six arguments, see the source\n"), 2;
  int sockets = atoi(argv[4]), window = atoi(argv[5]);
  double seconds = atof(argv[6]);
  if (sockets < 1 || sockets > MAX_SOCKETS || window < 1 || window > MAX_BATCH) return 2;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) return 2;

  int poll = epoll_create1(0);
  for (int i = 0; i < sockets; i++) {
    struct flow *flow = &flows[i];
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    flow->fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(flow->fd, (struct sockaddr *)&server, sizeof server) != 0) return perror("connect"), 1;
    getsockname(flow->fd, (struct sockaddr *)&own, &length);
    flow->port = own.sin_port;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};
    epoll_ctl(poll, EPOLL_CTL_ADD, flow->fd, &event);
    flow->last = now();
    send_requests(flow, window);
  }

  double start = now() + 1, checked = now(), cpu = 0;
  int is_counting = 0;
  for (;;) {
    struct epoll_event events[MAX_SOCKETS];
    int ready = epoll_wait(poll, events, sockets, 50);
    for (int i = 0; i < ready; i++) receive(events[i].data.ptr, window);
    double time = now();
    if (time - checked > 0.1) {
      give_up_lost(sockets, window);
      checked = time;
    }
    if (!is_counting && time >= start) {
      is_counting = 1;
      start = time;
      answered = wrong = lost = 0;
      cpu = cpu_seconds(argv[3]);
    }
    if (is_counting && time >= start + seconds) {
      double spent = cpu_seconds(argv[3]) - cpu;
      printf("{\"answered\":%lu,\"wrong\":%lu,\"lost\":%lu,\"seconds\":%.6f,\"cpuSeconds\":%.3f}\n", answered, wrong,
             lost, time - start, spent);
      return 0;
    }
  }
}
