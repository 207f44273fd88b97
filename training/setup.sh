#!/bin/sh
# Sets up what training needs. Anywhere with pip: `pip install torch numpy pillow` and nothing of this.
# On Debian 12 (whose PyTorch is 1.13) this makes a Debian 13 tree with PyTorch 2.6 and a
# wrapper, `tpython`, that runs its Python in the current folder. Run as root:
#   sh training/setup.sh [tree] [folder to see inside, default: this repository]
set -eu
tree=${1:-/opt/throughline-debian13}
repository=$(cd "$(dirname "$0")/.." && pwd)
visible=${2:-$repository}

apt-get install -y --no-install-recommends debootstrap
if [ ! -x "$tree/usr/bin/python3" ]; then
  debootstrap --variant=minbase trixie "$tree"
fi
# Without libopenblas0-pthread fp32 matrix products run about thirty times slower.
chroot "$tree" apt-get install -y --no-install-recommends python3-torch python3-numpy python3-pil libopenblas0-pthread

cat > /usr/local/bin/tpython <<EOF
#!/bin/bash
for d in $visible /tmp /dev /proc; do
  mountpoint -q $tree\$d || { mkdir -p $tree\$d; mount --rbind \$d $tree\$d; }
done
exec chroot $tree /usr/bin/env -C "\$PWD" OMP_NUM_THREADS="\${OMP_NUM_THREADS:-\$(nproc)}" OMP_WAIT_POLICY=PASSIVE PYTHONDONTWRITEBYTECODE=1 python3 "\$@"
EOF
chmod +x /usr/local/bin/tpython
tpython -c 'import torch; print("PyTorch", torch.__version__)'
