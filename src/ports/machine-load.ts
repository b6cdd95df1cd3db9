/** How much the machine's processors have to do. */
export interface MachineLoad {
  /** Tasks of the whole machine that run or wait for a processor at this moment, per processor; 0: cannot be told. */
  runnablePerCpu(): number;
}
