"""What the program does to a real API server: a whole control plane on loopback, without containers.

``make test-live`` builds the control plane once, into the person's cache folder, and runs these tests. They
stay out of ``make test``, because building takes minutes and a Go toolchain.
"""
