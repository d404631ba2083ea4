# make help tells what there is.
SHELL := bash
MVN ?= mvn -B -q
SOURCES := $(shell find . -name target -prune -o \( -name '*.java' -o -name '*.proto' -o -name 'pom.xml' -o -path '*/src/*/resources/*' \) -type f -print)
BUILT := target/built
ARCHIVED := target/archived

CONSISTENCY ?= causal
EXP_NAME ?=
RUN_TIME ?=
CLOCK_SPEEDS ?=
PROB_INTERNAL ?=
HOSTS ?=
SEED ?=

.DEFAULT_GOAL := build
.PHONY: build help demo replicas example-javascript drift study test soak torture bench clean clean-data format

help:  ## tells what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

build: $(ARCHIVED)  ## builds what has changed

$(BUILT): $(SOURCES)
	$(MVN) -DskipTests package
	@mkdir -p target && touch $(BUILT)

# Only speeds up how they start: its failure is told, and stops nobody.
$(ARCHIVED): $(BUILT)
	@bin/archive || true
	@touch $(ARCHIVED)

demo: $(ARCHIVED)  ## plays the wedding ring over three replicas; CONSISTENCY=eventual shows the anomaly
	@bin/client demo --consistency $(CONSISTENCY)

replicas: $(ARCHIVED)  ## runs replicas 1, 2, 3; DELAY="1-3=10s,2>3=500ms" CONSISTENCY= DATA= HOMES="locks/=1"
	@exec bin/replicas

example-javascript:  ## plays Bob in JavaScript; beside make replicas
	@cd examples/javascript && npm ci --silent --ignore-scripts && node bob.js

drift: $(BUILT)  ## runs the drift experiment; EXP_NAME= RUN_TIME= CLOCK_SPEEDS="6 5 1" PROB_INTERNAL= HOSTS= SEED=
	@bin/lab run $(if $(EXP_NAME),--exp-name "$(EXP_NAME)") $(if $(RUN_TIME),--run-time "$(RUN_TIME)") \
	  $(if $(CLOCK_SPEEDS),--clock-speeds "$(CLOCK_SPEEDS)") $(if $(PROB_INTERNAL),--prob-internal "$(PROB_INTERNAL)") \
	  $(if $(HOSTS),--hosts "$(HOSTS)") $(if $(SEED),--seed "$(SEED)")

study: $(BUILT)  ## repeats the classical drift assignment in virtual time; report in logs/study
	@bin/lab study

test:  ## builds all and runs all tests
	mvn -B verify
	@mkdir -p target && touch $(BUILT)

soak:  ## simulates clusters under faults, each run by its seed, for SECONDS (60)
	@mvn -B -q verify -pl integration-tests -am -DskipITs -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dtidings.seconds=$(or $(filter-out 0,$(SECONDS)),60)

torture: $(BUILT)  ## torments five real replicas for SECONDS (60), and judges what sessions saw; SEED= FAULTS= CONSISTENCY=
	@cd integration-tests && exec "$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -XX:+UseSerialGC \
	  -cp target/test-classes:../client/target/client.jar dev.tidings.torture.TortureMain \
	  --seconds=$(or $(filter-out 0,$(SECONDS)),60) --consistency=$(CONSISTENCY) \
	  $(if $(SEED),--seed=$(SEED)) $(if $(FAULTS),--faults=$(FAULTS))

bench: $(ARCHIVED)  ## measures beside others; ONLY=store,router QUICK=1 ROUNDS= DATA=; docs/performance.md tells how long each part takes
	@bin/bench $(if $(ONLY),--only="$(ONLY)") $(if $(filter-out 0,$(QUICK)),--quick) \
	  $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(DATA),--data="$(DATA)")

format:  ## formats the Java sources
	$(MVN) spotless:apply

clean-data:  ## empties the replicas' data
	rm -rf data/replica-*

clean:  ## removes what was built
	$(MVN) clean
	rm -rf target
