-- compatible: 4
-- What people corrected is looked for at every opening, among many facts of other kinds.

CREATE INDEX fact_corrected ON fact (at) WHERE kind = 'TypeCorrected';
