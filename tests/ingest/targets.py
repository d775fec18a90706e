"""What no address that somebody names may make us connect to."""

# Hosts that lead to this machine or a private network, in all spellings that some resolver takes.
SPELLINGS = """\
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0x7f.0.0.1 0177.0.0.1 017700000001
0177.1 00000177.0.0.1 127.0.0.1. localhost LOCALHOST localhost. １２７.０.０.１ 127。0。0。1 ⓛocalhost
[::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a00:1::1]
[2001:0:7f00:1::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [::] [fe80::1] [fe80::1%25eth0] [fe80::1%25lo]
[::1%25lo] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] [100::1] [::ffff:169.254.169.254]
0.0.0.0 0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 0xa9fea9fe
2852039166 100.64.0.1 100.127.255.255 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255"""

# What is no plain http address; {port} is that of a listener on the loopback.
NO_ADDRESSES = ["file:///etc/passwd", "file://127.0.0.1/etc/passwd", "FILE:/etc/passwd", "ftp://127.0.0.1:{port}/",
     "gopher://127.0.0.1:{port}/_x", "data:text/xml,<rss/>", "dict://127.0.0.1:{port}/", "unix:///run/x.sock",
     "ws://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}/!/", "javascript:1", "//127.0.0.1:{port}/",
     "127.0.0.1:{port}/", "/etc/passwd", "", " ", "http:", "http://", "http:///feed", "http://:{port}/",
     "http://user@127.0.0.1:{port}/", "http://user:geheim@127.0.0.1:{port}/", "http://:geheim@127.0.0.1:{port}/",
     "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://127.0.0.1:-1/", "http://[::1", "http://::1/",
     "http://127.0.0.1:{port}\r\nX: y/", "http://127.0.0.1\0:{port}/", "http://" + "a" * 70 + ".example/",
     "http://" + "a." * 200 + "example/", "http://xn--a/", "http://a b/", "http://%31%32%37.0.0.1:{port}/x\n"]  # fmt: skip
