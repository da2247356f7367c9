# What scripts/run and scripts/test have in common. Needs the other parts.

# requirements_file: GSPE_GPU=1 chooses the GPU; the choice holds until GSPE_GPU=0.
requirements_file() {
  local installed=""
  [[ ! -f $INSTALLED ]] || installed=$(cut -d' ' -f1 "$INSTALLED")
  if [[ ${GSPE_GPU:-} == 1 || ( -z ${GSPE_GPU:-} && $installed == requirements-gpu.txt ) ]]; then
    say requirements-gpu.txt
  else
    say requirements.txt
  fi
}
