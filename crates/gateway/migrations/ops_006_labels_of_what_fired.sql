-- The labels that an alert had when it began to fire, as a JSON object. NULL for what fired before they were kept: of it
-- nobody can say any more what a condition on a label would have hit.
ALTER TABLE fired ADD COLUMN labels TEXT;
