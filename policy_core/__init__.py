"""The evaluation core of netpol-tui: Kubernetes routing beside Kubernetes permission, in pure Python."""
