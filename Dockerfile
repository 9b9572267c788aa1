# The grader with its course, for a pipeline or a server. It holds the solutions: keep the image from students.
#
#   docker build --build-arg TORCH_INDEX_URL=... -t grader .     # without it torch brings CUDA, ten times the size
#   docker run --rm --network none --tmpfs /tmp:size=1g --pids-limit 1024 -v "$PWD:/work:ro" grader grade homework.py
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home grader

WORKDIR /opt/grader
COPY constraints.txt ./
ARG TORCH_INDEX_URL=""
RUN pip install --no-cache-dir ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} --constraint constraints.txt torch
COPY LICENSE README.md pyproject.toml ./
COPY grader ./grader
COPY exercises ./exercises
RUN pip install --no-cache-dir --constraint constraints.txt .
COPY solutions ./solutions

ENV GRADER_COURSE=/opt/grader
USER grader
WORKDIR /work
ENTRYPOINT ["grader"]
CMD ["--help"]
