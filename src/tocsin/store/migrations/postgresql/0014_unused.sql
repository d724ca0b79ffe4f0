-- compatible: 10
-- What nobody asks by any more, and every commit wrote: groups are found by their members since number 10. (A lane is
-- found by its index here.)

DROP INDEX incident_group;
